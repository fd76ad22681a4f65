//! Logs as JSON lines, and traces that go on from process to process: W3C trace context between
//! them, OTLP to whoever collects them.
//!
//! A trace begins in the browser, goes with the request into a function, with the message into the
//! table, and with the turn to the runner. Every line of a log names it, collected or not.

use std::collections::HashMap;
use std::sync::OnceLock;

use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::{TraceContextExt as _, TracerProvider as _};
use opentelemetry_otlp::{ExporterBuildError, Protocol, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// The header and the field that carry the context (<https://www.w3.org/TR/trace-context/>).
pub const TRACEPARENT: &str = "traceparent";
/// The field of a span that [`continue_from`] fills.
pub const TRACE_ID: &str = "trace.id";
/// Where spans are sent by OTLP over HTTP; nowhere without it. OpenTelemetry's own variable.
const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

/// Set when spans are sent somewhere.
static COLLECTED: OnceLock<SdkTracerProvider> = OnceLock::new();

/// Begins to log on standard error, and to send traces if `OTEL_EXPORTER_OTLP_ENDPOINT` says where.
/// `LOG_LEVEL` filters both, `info` when absent. `service` is what traces call this process.
pub fn init(service: &'static str) {
    let filter = EnvFilter::try_from_env("LOG_LEVEL").unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_writer(std::io::stderr)
        // CloudWatch gives every line its time.
        .without_time();
    let provider = SdkTracerProvider::builder().with_resource(Resource::builder().with_service_name(service).build());
    let (provider, failed) = match exporter() {
        None => (provider.build(), None),
        Some(Ok(exporter)) => {
            let provider = provider.with_batch_exporter(exporter).build();
            (COLLECTED.get_or_init(|| provider).clone(), None)
        }
        Some(Err(error)) => (provider.build(), Some(error)),
    };
    let traces = tracing_opentelemetry::layer().with_tracer(provider.tracer(service)).with_location(false);
    tracing_subscriber::registry().with(filter).with(log).with(traces).init();
    if let Some(error) = failed {
        tracing::error!(%error, "traces are not sent: {ENDPOINT} is of no use");
    }
}

fn exporter() -> Option<Result<SpanExporter, ExporterBuildError>> {
    std::env::var(ENDPOINT).ok().filter(|endpoint| !endpoint.is_empty())?;
    // The exporter's client takes the process's.
    drop(rustls::crypto::ring::default_provider().install_default());
    Some(SpanExporter::builder().with_http().with_protocol(Protocol::HttpJson).build())
}

/// Makes a span that has not begun part of the trace that a caller named, or of one of its own, and
/// names it in the span's field [`TRACE_ID`].
pub fn continue_from(span: &Span, traceparent: Option<&str>) {
    if let Some(traceparent) = traceparent {
        let carrier = HashMap::from([(TRACEPARENT.to_owned(), traceparent.to_owned())]);
        // One that is not well-formed begins a trace of its own, as the standard wants.
        drop(span.set_parent(TraceContextPropagator::new().extract(&carrier)));
    }
    let context = span.context().span().span_context().clone();
    if context.is_valid() {
        span.record(TRACE_ID, tracing::field::display(context.trace_id()));
    }
}

/// The current span as the next process is to continue it.
pub fn traceparent() -> Option<String> {
    let mut carrier = HashMap::new();
    TraceContextPropagator::new().inject_context(&Span::current().context(), &mut carrier);
    carrier.remove(TRACEPARENT)
}

/// Sends the spans that ended. A function does so before it answers: afterwards it may be frozen.
pub async fn flush() {
    let Some(provider) = COLLECTED.get() else { return };
    let sent = tokio::task::spawn_blocking(|| provider.force_flush()).await;
    if let Ok(Err(error)) = sent {
        tracing::warn!(%error, "traces were not sent");
    }
}
