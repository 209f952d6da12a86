//! Services that are not well.

use super::{Level, Reading, Remedy};
use crate::problem::{Kind, Severity};
use crate::snapshot::{Snapshot, Source};

pub(super) fn read(snapshot: &Snapshot, all: &mut Vec<Reading>) {
    for service in &snapshot.services {
        let is_unit = service.unit.as_ref() == Some(&service.name);
        let remedy = service
            .unit
            .is_some()
            .then(|| Remedy::Restart(service.handle.clone()));
        all.push(Reading {
            id: format!("service_down:{}", service.name),
            source: Source::Services,
            kind: Kind::Service,
            title: format!("Service {} is not well", service.name),
            detail: crate::text::clean(&service.detail, 200),
            level: Level::bad_if(!service.ok, Severity::Critical),
            remedy,
            // systemd knows; a check over the network may have had bad luck once.
            sightings: if is_unit { (1, 1) } else { (2, 3) },
        });
    }
}
