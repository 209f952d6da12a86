//! The GPUs of a host, and what they come to as one.

/// Gauges of one GPU; what it did not report is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Gpu {
    /// Utilisation in percent.
    pub util_pct: Option<f64>,
    /// Memory in use, MB.
    pub mem_mb: Option<f64>,
    /// Memory it has, MB.
    pub mem_total_mb: Option<f64>,
    /// Temperature in degrees Celsius.
    pub temp_c: Option<f64>,
}

/// One set of gauges for all GPUs of a host: mean utilisation, summed memory, highest temperature.
/// A GPU without a gauge, or with one that is no finite number, counts only for the others.
pub fn combined(gpus: &[Gpu]) -> Gpu {
    let gauge = |read: fn(&Gpu) -> Option<f64>| {
        let values = gpus.iter().filter_map(read).filter(|v| v.is_finite());
        values.collect::<Vec<f64>>()
    };
    let sum = |values: &[f64]| (!values.is_empty()).then(|| values.iter().sum::<f64>());
    let utils = gauge(|gpu| gpu.util_pct);
    Gpu {
        util_pct: sum(&utils).map(|total| total / utils.len() as f64),
        mem_mb: sum(&gauge(|gpu| gpu.mem_mb)),
        mem_total_mb: sum(&gauge(|gpu| gpu.mem_total_mb)),
        temp_c: gauge(|gpu| gpu.temp_c).into_iter().reduce(f64::max),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gpus_combine_by_mean_sum_and_maximum() {
        let first = Gpu {
            util_pct: Some(90.0),
            mem_mb: Some(1000.0),
            mem_total_mb: Some(8000.0),
            temp_c: Some(61.0),
        };
        let second = Gpu {
            util_pct: Some(30.0),
            mem_mb: Some(500.0),
            mem_total_mb: Some(8000.0),
            temp_c: Some(70.0),
        };
        let expected = Gpu {
            util_pct: Some(60.0),
            mem_mb: Some(1500.0),
            mem_total_mb: Some(16000.0),
            temp_c: Some(70.0),
        };
        assert_eq!(combined(&[first, second]), expected);
        assert_eq!(combined(&[first]), first);
    }

    #[test]
    fn silent_gpus_do_not_pull_the_mean_down() {
        let busy = Gpu {
            util_pct: Some(80.0),
            ..Gpu::default()
        };
        let broken = Gpu {
            util_pct: Some(f64::NAN),
            temp_c: Some(f64::INFINITY),
            ..Gpu::default()
        };
        assert_eq!(combined(&[busy, Gpu::default(), broken]), busy);
        assert_eq!(combined(&[]), Gpu::default());
    }
}
