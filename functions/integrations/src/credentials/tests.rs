use std::sync::atomic::Ordering;

use futures_util::future::join_all;

use super::*;
use crate::testing::{World, credentials, later};

#[tokio::test]
async fn a_hundred_callers_at_once_renew_an_access_token_once() {
    let world = World::new().await;
    keep(&world.deps, &world.integration, &credentials(1, Some(later(10)))).await.unwrap();
    let callers = (0..100).map(|_| usable(&world.deps, &world.toy, &world.integration, None));
    for opened in join_all(callers).await {
        assert_eq!(opened.unwrap().credentials.access_token.reveal(), "2");
    }
    assert_eq!(world.toy.refreshed.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_by_all_whom_it_was_refused() {
    let world = World::new().await;
    let refused = usable(&world.deps, &world.toy, &world.integration, None).await.unwrap();
    let callers = (0..20).map(|_| usable(&world.deps, &world.toy, &world.integration, Some(&refused)));
    for opened in join_all(callers).await {
        assert_eq!(opened.unwrap().credentials.access_token.reveal(), "2");
    }
    assert_eq!(world.toy.refreshed.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_renewal_that_died_is_followed_by_another() {
    let world = World::new().await;
    keep(&world.deps, &world.integration, &credentials(1, Some(later(10)))).await.unwrap();
    let (owner, id) = (world.integration.owner, world.integration.id);
    let rev = world.deps.store.credentials(owner, id).await.unwrap().unwrap().rev;
    let dead = SignedDuration::from_millis(300);
    assert!(world.deps.store.begin_renewal(owner, id, rev, web::now(), dead).await.unwrap());
    let opened = usable(&world.deps, &world.toy, &world.integration, None).await.unwrap();
    assert_eq!(opened.credentials.access_token.reveal(), "2");
}

#[tokio::test]
async fn nothing_that_is_stored_shows_a_token() {
    let world = World::new().await;
    let mut secret = credentials(1, None);
    secret.refresh_token = Some("very-secret-token".into());
    keep(&world.deps, &world.integration, &secret).await.unwrap();
    let stored = world.deps.store.credentials(world.integration.owner, world.integration.id).await.unwrap();
    assert!(!format!("{stored:?} {secret:?}").contains("very-secret"));
    // Sealed for one place: moved to another integration it does not open.
    let elsewhere = World::new().await;
    let moved = stored.unwrap();
    let (owner, id) = (elsewhere.integration.owner, elsewhere.integration.id);
    elsewhere.deps.store.put_credentials(owner, id, &moved).await.unwrap();
    assert!(matches!(
        usable(&elsewhere.deps, &elsewhere.toy, &elsewhere.integration, None).await.err(),
        Some(WorkError::Seal(SealError::Unopened))
    ));
}
