//! What a person sees in the browser.

use reqwest::header::LOCATION;

use crate::Hub;

#[tokio::test]
async fn the_consent_page_leads_back_with_a_code_or_a_refusal() {
    let hub = Hub::start_for(Some("http://127.0.0.1:8787".into())).await;
    let query = "client_id=fake-github-app&redirect_uri=http%3A%2F%2Flocalhost%3A8787%2Fback&state=a%26b";
    let page = hub.http.get(hub.site(&format!("/login/oauth/authorize?{query}"))).send().await.expect("a page");
    let page = page.text().await.expect("text");
    assert!(page.contains("octo-dev") && page.contains("value='a&amp;b'"), "{page}");
    for (choice, told) in [("allow&login=mona-lisa", "code="), ("deny", "error=access_denied")] {
        let url = hub.site(&format!("/login/oauth/authorize?{query}&auto={choice}"));
        let answer = hub.http.get(url).send().await.expect("an answer");
        let back = answer.headers()[LOCATION].to_str().expect("text");
        assert!(back.starts_with("http://localhost:8787/back?") && back.contains(told), "{back}");
        assert!(back.ends_with("state=a%26b"), "{back}");
    }
}

#[tokio::test]
async fn nobody_is_sent_where_the_product_is_not() {
    let hub = Hub::start_for(Some("http://127.0.0.1:8787".into())).await;
    for uri in ["http://127.0.0.1:8787.evil.example/", "http://evil.example/", "http://127.0.0.1:87870/"] {
        let url = hub.site(&format!("/login/oauth/authorize?client_id=fake-github-app&auto=allow&redirect_uri={uri}"));
        assert_eq!(hub.http.get(url).send().await.expect("an answer").status(), 400, "{uri}");
    }
}

#[tokio::test]
async fn an_issue_can_be_changed_by_hand() {
    let hub = Hub::start().await;
    let url = hub.site("/octo-dev/hello-world/issues/1");
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let typed = "title=By+%3Chand%3E&body=b&act=close";
    let post = hub.http.post(&url).header(form[0].0, form[0].1).body(typed).send().await.expect("an answer");
    assert_eq!(post.status(), 303);
    let page = hub.http.get(&url).send().await.expect("a page").text().await.expect("text");
    assert!(page.contains("By &lt;hand&gt;") && page.contains("closed"), "{page}");
}
