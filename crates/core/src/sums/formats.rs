//! The formats of all exact sums over rows, from what the first pass found of their columns and weights.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::exact::fixed_point::FixedPointFormat;
use crate::exact::range::Range;
use crate::memory::collected;
use crate::messages::MOST_ROWS;
use crate::sums::column_stats::ColumnStats;

/// How the sums of w x, of w and of x are split into limbs.
#[derive(Clone, Serialize, Deserialize)]
#[serde(into = "Origin", try_from = "Origin")]
pub struct SumFormats {
    /// Of w x, or of x where every row weighs 1.
    pub rows: Arc<FixedPointFormat>,
    /// Of w; `None` where every row weighs 1.
    pub weights: Option<Arc<FixedPointFormat>>,
    /// Of x.
    pub unweighted: Arc<FixedPointFormat>,
    /// The ranges of the columns.
    pub ranges: Vec<Range>,
}

/// Where formats come from, which is all that travels of them.
#[derive(Serialize, Deserialize)]
struct Origin {
    ranges: Vec<Range>,
    weight: Option<Range>,
    rows: u64,
}

impl From<SumFormats> for Origin {
    fn from(formats: SumFormats) -> Origin {
        let weight = formats.weights.map(|weights| weights.ranges()[0]);
        Origin { rows: formats.unweighted.addends(), ranges: formats.ranges, weight }
    }
}

impl TryFrom<Origin> for SumFormats {
    type Error = &'static str;

    fn try_from(Origin { ranges, weight, rows }: Origin) -> Result<SumFormats, &'static str> {
        let all = ranges.iter().chain(&weight).all(|range| range.is_of(1));
        if ranges.is_empty() || !all || rows > MOST_ROWS {
            return Err("no rows have such ranges");
        }
        Ok(SumFormats::of(ranges, weight, rows))
    }
}

impl SumFormats {
    /// For rows, and weights if they have any. `None` where a pass over them left out what sums need.
    pub fn new(stats: &ColumnStats, weights: Option<&ColumnStats>) -> Option<SumFormats> {
        if !stats.summable || weights.is_some_and(|weights| !weights.summable) {
            return None;
        }
        Some(SumFormats::of(stats.ranges(), weights.map(|weights| weights.ranges()[0]), stats.rows))
    }

    /// For so many rows, from the ranges of their columns and of their weights.
    fn of(ranges: Vec<Range>, weight: Option<Range>, rows: u64) -> SumFormats {
        let unweighted = Arc::new(FixedPointFormat::new(&ranges, rows, false));
        let Some(weight) = weight else {
            return SumFormats { rows: unweighted.clone(), weights: None, unweighted, ranges };
        };
        let products: Vec<Range> = collected(ranges.iter().map(|range| range.product(weight)));
        SumFormats {
            rows: Arc::new(FixedPointFormat::new(&products, rows, true)),
            weights: Some(Arc::new(FixedPointFormat::new(&[weight], rows, false))),
            unweighted,
            ranges,
        }
    }
}
