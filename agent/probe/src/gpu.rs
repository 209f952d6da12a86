//! GPUs of NVIDIA, through the driver's own library when it is installed.

use crate::nvml::{Device, Library};
use serde::{Deserialize, Serialize};

/// One GPU. A value its driver does not tell is `None`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Gpu {
    /// Number, as `nvidia-smi` counts.
    pub index: u32,
    /// Model.
    pub name: String,
    /// Identity that survives reordering.
    pub uuid: Option<String>,
    /// Share of time a kernel ran, in percent.
    pub busy_pct: Option<u32>,
    /// Memory in use, in bytes.
    pub memory_used_bytes: Option<u64>,
    /// All memory, in bytes.
    pub memory_total_bytes: Option<u64>,
    /// Temperature of the chip, in degrees Celsius.
    pub temperature_c: Option<u32>,
    /// Power draw, in watts.
    pub power_w: Option<f64>,
    /// Uncorrected memory errors since the driver was loaded.
    pub ecc_errors: Option<u64>,
    /// Processes that hold memory on it.
    pub processes: Vec<GpuProcess>,
}

/// A process on a GPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GpuProcess {
    /// Process id, in the namespace of the driver.
    pub pid: u32,
    /// Memory it holds, in bytes; `None` where the driver does not tell.
    pub memory_bytes: Option<u64>,
}

/// The driver's library, loaded once. Loading costs some megabytes: do it only where it pays.
#[derive(Debug)]
pub struct Gpus {
    library: Library,
}

impl Gpus {
    /// Opens the driver's library; `None` when there is no driver, or no GPU.
    #[must_use]
    pub fn open() -> Option<Self> {
        // Without one of these (the second: Windows' Linux) no driver is loaded, and looking for
        // the library would be for nothing.
        let loaded = ["/proc/driver/nvidia/version", "/dev/dxg"];
        if !loaded
            .iter()
            .any(|path| std::path::Path::new(path).exists())
        {
            return None;
        }
        Library::open("libnvidia-ml.so.1").map(|library| Self { library })
    }

    /// All GPUs, now. One that fell off the bus is left out.
    #[must_use]
    pub fn read(&self) -> Vec<Gpu> {
        (0..self.library.count())
            .filter_map(|index| self.library.device(index).map(|device| (index, device)))
            .map(|(index, device)| self.one(index, &device))
            .collect()
    }

    fn one(&self, index: u32, device: &Device) -> Gpu {
        let memory = self.library.memory(device);
        Gpu {
            index,
            name: self.library.name(device).unwrap_or_else(|| "GPU".into()),
            uuid: self.library.uuid(device),
            busy_pct: self.library.busy_pct(device),
            memory_used_bytes: memory.map(|m| m.used),
            memory_total_bytes: memory.map(|m| m.total),
            temperature_c: self.library.temperature_c(device),
            power_w: self
                .library
                .power_mw(device)
                .map(|mw| f64::from(mw) / 1000.0),
            ecc_errors: self.library.ecc_errors(device),
            processes: self.library.processes(device),
        }
    }
}
