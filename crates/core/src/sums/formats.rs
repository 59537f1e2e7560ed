//! The formats of all exact sums over rows, from what the first pass found of their columns and weights.

use std::sync::Arc;

use crate::exact::fixed_point::{FixedPointFormat, Range};
use crate::memory::collected;
use crate::sums::column_stats::ColumnStats;

/// How the sums of w x, of w and of x are split into limbs.
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

impl SumFormats {
    /// For rows, and weights if they have any. `None` where a pass over them left out what sums need.
    pub fn new(stats: &ColumnStats, weights: Option<&ColumnStats>) -> Option<SumFormats> {
        if !stats.summable || weights.is_some_and(|weights| !weights.summable) {
            return None;
        }
        let ranges = stats.ranges();
        let unweighted = Arc::new(FixedPointFormat::new(&ranges, stats.rows, false));
        let Some(weights) = weights else {
            return Some(SumFormats { rows: unweighted.clone(), weights: None, unweighted, ranges });
        };
        let weight = weights.ranges()[0];
        let products: Vec<Range> = collected(ranges.iter().map(|range| range.product(weight)));
        Some(SumFormats {
            rows: Arc::new(FixedPointFormat::new(&products, stats.rows, true)),
            weights: Some(Arc::new(FixedPointFormat::new(&[weight], stats.rows, false))),
            unweighted,
            ranges,
        })
    }
}
