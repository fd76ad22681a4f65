//! Accounts, sign-ins, tokens: made once, found by their owner, gone when revoked.

use domain::identity::{Email, Profile};
use domain::login::{ReturnPath, SigninRecord};
use domain::token::TokenRecord;
use domain::{IdentityProvider, LoginId, LoginRecord, SignupPolicy, User, limits};
use jiff::SignedDuration;

use super::*;

pub(super) fn profile(subject: &str, email: &str) -> Profile {
    Profile {
        provider: IdentityProvider::Github,
        subject: subject.into(),
        email: email.parse().unwrap(),
        name: "Ana".into(),
        avatar_url: None,
    }
}

/// Makes the account of a profile; whether it is new, and its user.
pub(super) async fn account(store: &Store, profile: &Profile, first: bool) -> (bool, User) {
    let user = profile.new_user(first, at(0));
    let made = store.create_account(&user, &profile.identity_of(user.id, at(0)), first).await.unwrap();
    (made, user)
}

pub(super) async fn token(store: &Store, owner: UserId, expires_at: Option<Timestamp>) -> (BearerToken, TokenRecord) {
    let (token, id) = (BearerToken::mint_api(), TokenId::mint(at(0)));
    let (name, hint, scopes) = ("ci".to_owned(), token.hint(), Scopes::all());
    let record = TokenRecord { id, user_id: owner, name, scopes, hint, created_at: at(0), expires_at, used_at: None };
    store.put_token(&token.hash(), &record, None).await.unwrap();
    (token, record)
}

async fn login(store: &Store, owner: UserId) -> (BearerToken, LoginRecord) {
    let cookie = BearerToken::mint_cookie();
    let record = LoginRecord {
        id: LoginId::mint(at(0)),
        user_id: owner,
        provider: IdentityProvider::Google,
        user_agent: "Firefox".into(),
        address: "192.0.2.1".into(),
        created_at: at(0),
        used_at: at(0),
    };
    store.put_login(&cookie.hash(), &record).await.unwrap();
    (cookie, record)
}

#[tokio::test]
async fn an_account_is_found_by_its_identity_its_address_and_its_id() {
    let store = store().await;
    let profile = profile("1", "ana@example.com");
    let (made, user) = account(&store, &profile, true).await;
    assert!(made);
    assert_eq!(store.user(user.id).await.unwrap(), Some(user.clone()));
    assert_eq!(store.user_by_identity(IdentityProvider::Github, "1").await.unwrap(), Some(user.id));
    assert_eq!(store.user_by_identity(IdentityProvider::Google, "1").await.unwrap(), None);
    assert_eq!(store.user_by_email(&profile.email).await.unwrap(), Some(user.id));
    assert!(store.has_admin().await.unwrap());
    assert_eq!(store.identities(user.id).await.unwrap(), [profile.identity_of(user.id, at(0))]);
    assert_eq!(store.users(None, 10).await.unwrap(), (vec![user], false));
}

#[tokio::test]
async fn of_many_who_come_first_at_once_one_administers_and_nothing_of_the_others_is_left() {
    let store = store().await;
    let profiles: Vec<Profile> = (0..8).map(|n| profile(&n.to_string(), &format!("u{n}@example.com"))).collect();
    let made = join_all(profiles.iter().map(|profile| account(&store, profile, true))).await;
    assert_eq!(made.iter().filter(|(made, _)| *made).count(), 1);
    let (users, _) = store.users(None, 100).await.unwrap();
    assert_eq!(users.len(), 1);
    for (profile, (made, user)) in profiles.iter().zip(&made) {
        let found = made.then_some(user.id);
        assert_eq!(store.user_by_email(&profile.email).await.unwrap(), found);
        assert_eq!(store.user_by_identity(profile.provider, &profile.subject).await.unwrap(), found);
    }
}

#[tokio::test]
async fn an_identity_is_linked_to_one_user_once() {
    let store = store().await;
    let (_, ana) = account(&store, &profile("1", "ana@example.com"), false).await;
    let (_, bo) = account(&store, &profile("2", "bo@example.com"), false).await;
    let google = Profile { provider: IdentityProvider::Google, ..profile("9", "ana@example.com") };
    assert!(store.link_identity(&google.identity_of(ana.id, at(1))).await.unwrap());
    assert!(!store.link_identity(&google.identity_of(bo.id, at(1))).await.unwrap());
    assert_eq!(store.user_by_identity(IdentityProvider::Google, "9").await.unwrap(), Some(ana.id));
    assert_eq!(store.identities(ana.id).await.unwrap().len(), 2);
    assert_eq!(store.identities(bo.id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn users_are_paged_each_once() {
    let store = store().await;
    for n in 0..5 {
        account(&store, &profile(&n.to_string(), &format!("u{n}@example.com")), false).await;
    }
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let (page, more) = store.users(after, 2).await.unwrap();
        seen.extend(page.into_iter().map(|user| user.email));
        if !more {
            break;
        }
        let last: Email = seen.last().unwrap().parse().unwrap();
        after = store.user_by_email(&last).await.unwrap();
    }
    seen.sort();
    assert_eq!(seen, ["u0", "u1", "u2", "u3", "u4"].map(|name| format!("{name}@example.com")));
}

#[tokio::test]
async fn a_token_or_browser_stands_for_its_user_until_it_is_revoked() {
    let store = store().await;
    let owner = UserId::mint(at(0));
    let ((token, record), (cookie, signed_in)) = (token(&store, owner, None).await, login(&store, owner).await);
    let by_token = store.authenticate(&token.hash(), at(1)).await.unwrap().unwrap();
    let by_cookie = store.authenticate_browser(&cookie.hash(), at(1)).await.unwrap().unwrap();
    assert_eq!((by_token.user_id, by_token.actor), (owner, Actor::Token(record.id)));
    assert_eq!((by_cookie.user_id, by_cookie.actor), (owner, Actor::Browser(signed_in.id)));
    assert_eq!(store.authenticate(&cookie.hash(), at(1)).await.unwrap(), None, "a cookie is no token");
    assert_eq!(store.authenticate_browser(&token.hash(), at(1)).await.unwrap(), None, "a token is no cookie");

    let stranger = UserId::mint(at(0));
    for actor in [by_token.actor, by_cookie.actor] {
        assert!(!store.revoke(stranger, actor, at(2)).await.unwrap(), "another's");
        assert!(store.revoke(owner, actor, at(2)).await.unwrap());
        assert!(!store.revoke(owner, actor, at(2)).await.unwrap(), "once");
        assert!(store.revoked().await.unwrap().contains(&Revoked { user_id: owner, actor, at: at(2) }));
    }
    assert_eq!(store.authenticate(&token.hash(), at(3)).await.unwrap(), None);
    assert_eq!(store.authenticate_browser(&cookie.hash(), at(3)).await.unwrap(), None);
    assert_eq!((store.tokens(owner).await.unwrap(), store.logins(owner).await.unwrap()), (Vec::new(), Vec::new()));
    store.forget_revoked(by_token.actor).await.unwrap();
    assert_eq!(store.revoked().await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_expired_token_stands_for_nobody_and_is_still_listed() {
    let store = store().await;
    let owner = UserId::mint(at(0));
    let (token, record) = token(&store, owner, Some(at(10))).await;
    assert!(store.authenticate(&token.hash(), at(9)).await.unwrap().is_some());
    assert_eq!(store.authenticate(&token.hash(), at(10)).await.unwrap(), None);
    assert_eq!(store.tokens(owner).await.unwrap()[0].id, record.id);
}

#[tokio::test]
async fn use_is_noted_once_in_some_minutes() {
    let store = store().await;
    let owner = UserId::mint(at(0));
    let (token, _) = token(&store, owner, None).await;
    let used_at = async || store.tokens(owner).await.unwrap()[0].used_at;
    let gap = 60 * limits::USED_AT_MINUTES;
    for (seconds, noted) in [(1, 1), (gap, 1), (gap + 1, gap + 1), (gap + 2, gap + 1)] {
        store.authenticate(&token.hash(), at(seconds)).await.unwrap();
        assert_eq!(used_at().await, Some(at(noted)));
    }
}

#[tokio::test]
async fn a_browser_that_is_used_stays_signed_in() {
    let store = store().await;
    let (cookie, _) = login(&store, UserId::mint(at(0))).await;
    let day = 86_400;
    for days in (limits::LOGIN_IDLE_DAYS - 1..limits::LOGIN_DAYS_MAX).step_by(10) {
        assert!(store.authenticate_browser(&cookie.hash(), at(days * day)).await.unwrap().is_some(), "day {days}");
    }
    assert_eq!(store.authenticate_browser(&cookie.hash(), at(limits::LOGIN_DAYS_MAX * day)).await.unwrap(), None);
}

#[tokio::test]
async fn a_token_is_renamed_by_its_owner_alone() {
    let store = store().await;
    let owner = UserId::mint(at(0));
    let (_, record) = token(&store, owner, None).await;
    assert_eq!(store.rename_token(UserId::mint(at(0)), record.id, "x").await.unwrap(), None);
    assert_eq!(store.rename_token(owner, record.id, "new").await.unwrap().unwrap().name, "new");
    assert_eq!(store.tokens(owner).await.unwrap()[0].name, "new");
}

#[tokio::test]
async fn a_sign_in_is_finished_once_and_in_time() {
    let store = store().await;
    let state = BearerToken::mint_cookie().hash();
    let signin = SigninRecord {
        provider: IdentityProvider::Google,
        browser: BearerToken::mint_cookie().hash(),
        code_verifier: "v".into(),
        nonce: "n".into(),
        redirect_uri: "http://localhost/auth/google/callback".into(),
        return_to: ReturnPath::default(),
        expires_at: at(0) + SignedDuration::from_secs(limits::SIGNIN_SECONDS_MAX),
    };
    store.put_signin(&state, &signin).await.unwrap();
    let taken = join_all((0..4).map(|_| store.take_signin(&state, at(1)))).await;
    assert_eq!(taken.into_iter().filter_map(|taken| taken.unwrap()).collect::<Vec<_>>(), std::slice::from_ref(&signin));
    store.put_signin(&state, &signin).await.unwrap();
    assert_eq!(store.take_signin(&state, at(limits::SIGNIN_SECONDS_MAX)).await.unwrap(), None);
}

#[tokio::test]
async fn the_rule_for_new_accounts_reads_as_it_was_set() {
    let store = store().await;
    assert_eq!(store.signup_policy().await.unwrap(), None);
    let emails = ["ana@example.com".parse().unwrap()].into();
    let policy = SignupPolicy { open: false, emails, domains: ["example.org".to_owned()].into() };
    store.put_signup_policy(&policy).await.unwrap();
    assert_eq!(store.signup_policy().await.unwrap(), Some(policy));
}

#[tokio::test]
async fn the_sockets_of_a_token_are_found_until_they_are_closed() {
    let store = store().await;
    let session = new_session(&store).await;
    let (owner, id) = (session.owner, session.id);
    let peer = viewer(owner);
    let Peer::Viewer { actor, .. } = peer else { panic!("it is a viewer") };
    let connection = Connection { owner, session: id, peer, connected_at: at(0) };
    let other = Connection { peer: Peer::Runner { epoch: 1 }, ..connection.clone() };
    store.put_connection("c1", &connection).await.unwrap();
    store.put_connection("c2", &other).await.unwrap();
    assert_eq!(store.sockets_of(owner, actor).await.unwrap(), ["c1"]);
    assert_eq!(store.sockets_of(owner, Actor::Token(TokenId::mint(at(0)))).await.unwrap(), [""; 0]);
    store.remove_connection("c1", &connection).await.unwrap();
    assert_eq!(store.sockets_of(owner, actor).await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn the_end_of_a_caller_with_an_open_socket_is_noted_and_a_revocation_goes_before_it() {
    let store = store().await;
    let session = new_session(&store).await;
    let owner = session.owner;
    let (_, record) = token(&store, owner, Some(at(100))).await;
    let actor = Actor::Token(record.id);
    let open = async |id: &str, expires_at: Timestamp| {
        let peer = Peer::Viewer { actor, scopes: Scopes::all(), expires_at: Some(expires_at) };
        let connection = Connection { owner, session: session.id, peer, connected_at: at(0) };
        store.put_connection(id, &connection).await.unwrap();
    };
    open("outlived", at(100_000)).await;
    assert_eq!(store.revoked().await.unwrap(), [], "the socket ends before");
    open("cut short", at(100)).await;
    assert_eq!(store.revoked().await.unwrap(), [Revoked { user_id: owner, actor, at: at(100) }]);
    assert!(!store.is_revoked(actor, at(99)).await.unwrap() && store.is_revoked(actor, at(100)).await.unwrap());
    assert!(store.revoke(owner, actor, at(5)).await.unwrap());
    open("too late", at(100)).await;
    assert!(store.is_revoked(actor, at(5)).await.unwrap(), "its end does not hide that it was revoked");
}

#[tokio::test]
async fn what_was_deleted_or_replaced_since_it_was_listed_is_read_as_it_is_now() {
    let store = store().await;
    let listed = |name: &str| StoredObject { name: name.to_owned(), key: format!("owner/{name}") };
    for (name, content) in [("replaced", "short"), ("deleted", "gone soon")] {
        store.write_object(&listed(name).key, "text/plain", content.into()).await.unwrap();
    }
    store.write_object("owner/replaced", "text/plain", "longer than it was".into()).await.unwrap();
    store.delete_object("owner/deleted").await.unwrap();

    let mut reader = store.open(&listed("replaced")).await.unwrap().expect("it is there");
    let mut content = Vec::new();
    while let Some(bytes) = reader.next().await.unwrap() {
        content.extend_from_slice(&bytes);
    }
    assert_eq!((reader.bytes, content.as_slice()), (18, "longer than it was".as_bytes()));
    assert!(store.open(&listed("deleted")).await.unwrap().is_none());
}
