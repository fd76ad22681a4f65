//! `rate(5 minutes)` and `cron(0 * * * ? *)`, as EventBridge reads them.

use std::time::Duration;

use anyhow::{Result, anyhow, bail};
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};

/// When a schedule fires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rate {
    /// At this interval, from the start of the stack.
    Every(Duration),
    /// At the minutes that match, in UTC.
    Cron(Cron),
}

/// The six fields of a cron expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cron {
    minute: Field,
    hour: Field,
    day: Field,
    month: Field,
    weekday: Field,
    year: Field,
}

/// The values that a field allows; none means any.
type Field = Option<Vec<i16>>;

impl Rate {
    /// Reads `rate(…)` or `cron(…)`.
    pub fn parse(expression: &str) -> Result<Self> {
        let inner = |name: &str| expression.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
        match (inner("rate"), inner("cron")) {
            (Some(rate), _) => Ok(Self::Every(every(rate)?)),
            (_, Some(cron)) => Ok(Self::Cron(Cron::parse(cron)?)),
            _ => bail!("`{expression}` is neither rate(…) nor cron(…)"),
        }
    }

    /// The first time after `now` at which it fires; `None` if it never does again.
    pub fn next_after(&self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Every(interval) => now.checked_add(*interval).ok(),
            Self::Cron(cron) => cron.next_after(now),
        }
    }
}

fn every(rate: &str) -> Result<Duration> {
    let (count, unit) = rate.split_once(' ').ok_or_else(|| anyhow!("rate({rate}) has no unit"))?;
    let count: u64 = count.parse()?;
    // EventBridge insists on "1 minute" and "2 minutes".
    let seconds = match (count, unit) {
        (0, _) => bail!("rate({rate}) never fires"),
        (1, "minute") | (2.., "minutes") => 60,
        (1, "hour") | (2.., "hours") => 3_600,
        (1, "day") | (2.., "days") => 86_400,
        _ => bail!("rate({rate}): `{unit}` is not a unit that goes with {count}"),
    };
    Ok(Duration::from_secs(count * seconds))
}

impl Cron {
    fn parse(text: &str) -> Result<Self> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minute, hour, day, month, weekday, year] = fields[..] else {
            bail!("cron({text}) has {} fields, not 6", fields.len());
        };
        Ok(Self {
            minute: field(minute, 0, 59)?,
            hour: field(hour, 0, 23)?,
            day: field(day, 1, 31)?,
            month: field(month, 1, 12)?,
            weekday: field(weekday, 1, 7)?,
            year: field(year, 1970, 2199)?,
        })
    }

    fn next_after(&self, now: Timestamp) -> Option<Timestamp> {
        let minute = SignedDuration::from_mins(1);
        let start = now.as_second().div_euclid(60) * 60;
        let mut at = Timestamp::from_second(start).ok()?;
        // A year and a day of minutes: half a million comparisons at the worst, once.
        for _ in 0..527_040 {
            at = at.checked_add(minute).ok()?;
            if self.matches(&at.to_zoned(TimeZone::UTC)) {
                return Some(at);
            }
        }
        None
    }

    fn matches(&self, at: &Zoned) -> bool {
        let allows = |field: &Field, value: i16| field.as_ref().is_none_or(|values| values.contains(&value));
        // EventBridge counts weekdays from 1 = Sunday.
        let weekday = i16::from(at.weekday().since(Weekday::Sunday)) + 1;
        allows(&self.minute, at.minute().into())
            && allows(&self.hour, at.hour().into())
            && allows(&self.day, at.day().into())
            && allows(&self.month, at.month().into())
            && allows(&self.weekday, weekday)
            && allows(&self.year, at.year())
    }
}

/// `*`, `?`, `5`, `1-5`, `*/15`, `0/15` and lists of them.
fn field(text: &str, low: i16, high: i16) -> Result<Field> {
    if text == "*" || text == "?" {
        return Ok(None);
    }
    let mut values = Vec::new();
    for part in text.split(',') {
        let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
        let (from, to) = match range.split_once('-') {
            Some((from, to)) => (from.parse()?, to.parse()?),
            None if range == "*" => (low, high),
            None => (range.parse()?, if step.is_some() { high } else { range.parse()? }),
        };
        let step: usize = step.unwrap_or("1").parse()?;
        if from < low || to > high || from > to || step == 0 {
            bail!("`{part}` is outside {low}-{high}");
        }
        values.extend((from..=to).step_by(step));
    }
    Ok(Some(values))
}
