//! Two sides in one run: alternating rounds, medians, the median of the ratios.

use std::time::Duration;

use anyhow::Result;

/// What the rounds gave, for each side.
pub(crate) struct Sides {
    pub(crate) ours: f64,
    pub(crate) other: f64,
    /// Median of the rounds' ratios `ours / other`: what disturbs a round disturbs both its sides.
    pub(crate) ratio: f64,
}

/// Measures both sides in every round; which of them goes first changes.
pub(crate) async fn alternate(
    rounds: usize,
    mut ours: impl AsyncFnMut() -> Result<f64>,
    mut other: impl AsyncFnMut() -> Result<f64>,
) -> Result<Sides> {
    let mut pairs = Vec::with_capacity(rounds);
    for round in 0..rounds {
        pairs.push(if round % 2 == 0 {
            let first = ours().await?;
            (first, other().await?)
        } else {
            let first = other().await?;
            (ours().await?, first)
        });
    }
    Ok(Sides {
        ours: median(pairs.iter().map(|pair| pair.0)),
        other: median(pairs.iter().map(|pair| pair.1)),
        ratio: median(pairs.iter().map(|pair| pair.0 / pair.1)),
    })
}

/// The middle value; 0 for none.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    percentile(values, 0.5)
}

/// The value that this share of all is not above; 0 for none.
pub(crate) fn percentile(values: impl IntoIterator<Item = f64>, share: f64) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    let place = (share * last as f64).round() as usize;
    values.get(place).copied().unwrap_or(0.0)
}

pub(crate) fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}
