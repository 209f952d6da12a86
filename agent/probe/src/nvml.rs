//! The few functions of `libnvidia-ml` we call, bound by hand and found at run time.
//!
//! The only unsafe code of this crate. What makes it sound: names and signatures are those of the
//! vendor's public header; every buffer outlives its call and its length is passed; the library is
//! never unloaded while a function pointer of it can be called, because [`Library`] owns both.
#![allow(unsafe_code)]

use crate::GpuProcess;
use libloading::Library as Dynamic;
use std::ffi::{c_char, c_int, c_uint, c_ulonglong, c_void};

const SUCCESS: c_int = 0;
const TOO_SMALL: c_int = 7;
const TEMPERATURE_CHIP: c_uint = 0;
const UNCORRECTED: c_uint = 1;
const VOLATILE: c_uint = 0;

/// Handle of one GPU; belongs to the library that gave it.
#[derive(Debug)]
pub(crate) struct Device(*mut c_void);

/// Memory of one GPU, in bytes, as the library lays it out.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct MemoryInfo {
    pub(crate) total: c_ulonglong,
    pub(crate) free: c_ulonglong,
    pub(crate) used: c_ulonglong,
}

#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Utilization {
    gpu: c_uint,
    memory: c_uint,
}

#[repr(C)]
#[derive(Clone, Copy, Default)]
struct ProcessInfo {
    pid: c_uint,
    used_memory: c_ulonglong,
    gpu_instance: c_uint,
    compute_instance: c_uint,
}

/// The loaded and initialised library.
#[derive(Debug)]
pub(crate) struct Library {
    dynamic: Dynamic,
}

// SAFETY: the vendor documents every function of the library as thread safe, and a `Library` holds
// nothing but its handle.
unsafe impl Send for Library {}

macro_rules! function {
    ($self:expr, $name:literal, fn($($argument:ty),*)) => {
        // SAFETY: the signature is the one of the vendor's header for this name.
        unsafe { $self.dynamic.get::<unsafe extern "C" fn($($argument),*) -> c_int>($name) }.ok()
    };
}

impl Library {
    pub(crate) fn open(file: &str) -> Option<Self> {
        // SAFETY: loading runs the library's constructors; it is the driver's own, found by name.
        let dynamic = unsafe { Dynamic::new(file) }.ok()?;
        let library = Self { dynamic };
        let init = function!(library, b"nvmlInit_v2\0", fn())?;
        // SAFETY: takes nothing.
        let code = unsafe { init() };
        (code == SUCCESS).then_some(library)
    }

    pub(crate) fn count(&self) -> u32 {
        let mut count = 0;
        function!(self, b"nvmlDeviceGetCount_v2\0", fn(*mut c_uint))
            // SAFETY: writes one number.
            .filter(|get| unsafe { get(&raw mut count) } == SUCCESS)
            .map_or(0, |_| count)
    }

    pub(crate) fn device(&self, index: u32) -> Option<Device> {
        let mut device = Device(std::ptr::null_mut());
        let get = function!(
            self,
            b"nvmlDeviceGetHandleByIndex_v2\0",
            fn(c_uint, *mut *mut c_void)
        )?;
        // SAFETY: writes one handle.
        (unsafe { get(index, &raw mut device.0) } == SUCCESS).then_some(device)
    }

    pub(crate) fn name(&self, device: &Device) -> Option<String> {
        self.text(device, b"nvmlDeviceGetName\0")
    }

    pub(crate) fn uuid(&self, device: &Device) -> Option<String> {
        self.text(device, b"nvmlDeviceGetUUID\0")
    }

    fn text(&self, device: &Device, name: &[u8]) -> Option<String> {
        let mut buffer = [0_u8; 97];
        // SAFETY: both functions called here have this signature in the vendor's header.
        let get = unsafe {
            self.dynamic
                .get::<unsafe extern "C" fn(*mut c_void, *mut c_char, c_uint) -> c_int>(name)
        }
        .ok()?;
        // SAFETY: writes at most the given length, including the final zero; one byte is kept back.
        let code = unsafe { get(device.0, buffer.as_mut_ptr().cast(), 96) };
        let end = buffer.iter().position(|byte| *byte == 0)?;
        (code == SUCCESS).then(|| String::from_utf8_lossy(&buffer[..end]).into_owned())
    }

    pub(crate) fn memory(&self, device: &Device) -> Option<MemoryInfo> {
        let mut info = MemoryInfo::default();
        let get = function!(
            self,
            b"nvmlDeviceGetMemoryInfo\0",
            fn(*mut c_void, *mut MemoryInfo)
        )?;
        // SAFETY: writes one struct of this layout.
        (unsafe { get(device.0, &raw mut info) } == SUCCESS).then_some(info)
    }

    pub(crate) fn busy_pct(&self, device: &Device) -> Option<u32> {
        let mut rates = Utilization::default();
        let get = function!(
            self,
            b"nvmlDeviceGetUtilizationRates\0",
            fn(*mut c_void, *mut Utilization)
        )?;
        // SAFETY: writes one struct of this layout.
        (unsafe { get(device.0, &raw mut rates) } == SUCCESS).then_some(rates.gpu)
    }

    pub(crate) fn temperature_c(&self, device: &Device) -> Option<u32> {
        let mut degrees = 0;
        let get = function!(
            self,
            b"nvmlDeviceGetTemperature\0",
            fn(*mut c_void, c_uint, *mut c_uint)
        )?;
        // SAFETY: writes one number.
        (unsafe { get(device.0, TEMPERATURE_CHIP, &raw mut degrees) } == SUCCESS).then_some(degrees)
    }

    pub(crate) fn power_mw(&self, device: &Device) -> Option<u32> {
        let mut milliwatts = 0;
        let get = function!(
            self,
            b"nvmlDeviceGetPowerUsage\0",
            fn(*mut c_void, *mut c_uint)
        )?;
        // SAFETY: writes one number.
        (unsafe { get(device.0, &raw mut milliwatts) } == SUCCESS).then_some(milliwatts)
    }

    pub(crate) fn ecc_errors(&self, device: &Device) -> Option<u64> {
        let mut errors = 0;
        let get = function!(
            self,
            b"nvmlDeviceGetTotalEccErrors\0",
            fn(*mut c_void, c_uint, c_uint, *mut c_ulonglong)
        )?;
        // SAFETY: writes one number.
        let code = unsafe { get(device.0, UNCORRECTED, VOLATILE, &raw mut errors) };
        (code == SUCCESS).then_some(errors)
    }

    pub(crate) fn processes(&self, device: &Device) -> Vec<GpuProcess> {
        let get = function!(
            self,
            b"nvmlDeviceGetComputeRunningProcesses_v3\0",
            fn(*mut c_void, *mut c_uint, *mut ProcessInfo)
        );
        let Some(get) = get else { return Vec::new() };
        let mut room = 32_usize;
        loop {
            let mut found = vec![ProcessInfo::default(); room];
            let mut count = room as c_uint;
            // SAFETY: `count` tells how many structs of this layout there is room for.
            let code = unsafe { get(device.0, &raw mut count, found.as_mut_ptr()) };
            match code {
                SUCCESS => {
                    found.truncate(count as usize);
                    return found.iter().map(shown).collect();
                }
                TOO_SMALL if room < 4096 => room *= 4,
                _ => return Vec::new(),
            }
        }
    }
}

fn shown(info: &ProcessInfo) -> GpuProcess {
    GpuProcess {
        pid: info.pid,
        // The library says "all ones" where it does not know.
        memory_bytes: (info.used_memory != c_ulonglong::MAX).then_some(info.used_memory),
    }
}

impl Drop for Library {
    fn drop(&mut self) {
        if let Some(end) = function!(self, b"nvmlShutdown\0", fn()) {
            // SAFETY: takes nothing; no handle is used after this, they borrow nothing else.
            unsafe { end() };
        }
    }
}
