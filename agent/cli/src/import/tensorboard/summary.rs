//! The event and summary messages: scalars old and new, and hyper-parameters.

use crate::import::model::Job;
use crate::import::proto::{Field, fields, first};
use crate::moment::Moment;
use serde_json::Value;

/// Tag under which the hyper-parameters of a run lie.
const SESSION: &str = "_hparams_/session_start_info";
/// `DataType` of floats and doubles.
const FLOAT: i64 = 1;
const DOUBLE: i64 = 2;

/// Puts what one event says into the job. Images, histograms and graphs are passed over.
pub fn read(record: &[u8], job: &mut Job) -> Option<()> {
    let event = fields(record)?;
    let at = Moment::of_secs(first(&event, 1)?.real());
    let step = first(&event, 2).map_or(0, Field::integer);
    let summary = fields(first(&event, 5)?.bytes())?;
    for (number, value) in summary {
        if number == 1 {
            read_value(value.bytes(), step, at, job);
        }
    }
    Some(())
}

fn read_value(bytes: &[u8], step: i64, at: Moment, job: &mut Job) -> Option<()> {
    let value = fields(bytes)?;
    let tag = first(&value, 1)?.text();
    if tag.starts_with("_hparams_/") {
        return match tag == SESSION {
            true => read_params(first(&value, 9)?.bytes(), job),
            false => None,
        };
    }
    let scalar = match first(&value, 2) {
        Some(simple) => simple.real(),
        None if is_scalar(&value) => tensor(first(&value, 8)?.bytes())?,
        None => return None,
    };
    job.add(step, at, &tag, scalar);
    Some(())
}

/// Whether the tensor was written by the plugin for scalars; the first of a tag says so, later ones
/// say nothing, and then only the shape tells.
fn is_scalar(value: &[(u64, Field<'_>)]) -> bool {
    let plugin = || {
        let metadata = fields(first(value, 9)?.bytes())?;
        let data = fields(first(&metadata, 1)?.bytes())?;
        Some(first(&data, 1)?.text())
    };
    plugin().is_none_or(|name| name == "scalars")
}

/// The number of a tensor without dimensions.
fn tensor(bytes: &[u8]) -> Option<f64> {
    let tensor = fields(bytes)?;
    let shape = first(&tensor, 2).map(Field::bytes).unwrap_or_default();
    if fields(shape)?.iter().any(|(number, _)| *number == 2) {
        return None;
    }
    let raw = first(&tensor, 4).map(Field::bytes).unwrap_or_default();
    match first(&tensor, 1)?.integer() {
        FLOAT if raw.len() == 4 => Some(f32::from_le_bytes(raw.try_into().ok()?).into()),
        DOUBLE if raw.len() == 8 => Some(f64::from_le_bytes(raw.try_into().ok()?)),
        FLOAT => packed(first(&tensor, 5)?, 4),
        DOUBLE => packed(first(&tensor, 6)?, 8),
        _ => None,
    }
}

/// The only number of a repeated field, packed or not.
fn packed(field: Field<'_>, size: usize) -> Option<f64> {
    match field {
        Field::Bytes(bytes) if bytes.len() == size => Some(match size {
            4 => f32::from_le_bytes(bytes.try_into().ok()?).into(),
            _ => f64::from_le_bytes(bytes.try_into().ok()?),
        }),
        Field::Fixed32(_) | Field::Fixed64(_) => Some(field.real()),
        _ => None,
    }
}

/// `SummaryMetadata` → `PluginData.content` → `HParamsPluginData.session_start_info` → its map.
fn read_params(metadata: &[u8], job: &mut Job) -> Option<()> {
    let metadata = fields(metadata)?;
    let plugin = fields(first(&metadata, 1)?.bytes())?;
    let content = fields(first(&plugin, 2)?.bytes())?;
    let session = fields(first(&content, 3)?.bytes())?;
    for (number, entry) in session {
        if number == 1 {
            let entry = fields(entry.bytes())?;
            let value = fields(first(&entry, 2)?.bytes())?;
            let (kind, held) = value.first()?;
            let value = match kind {
                2 => Value::from(held.real()),
                3 => Value::from(held.text()),
                4 => Value::from(held.integer() != 0),
                _ => continue,
            };
            job.params.insert(first(&entry, 1)?.text(), value);
        }
    }
    Some(())
}
