//! Who may do what to a batch. The one table behind every route.

use crate::account::UserId;
use crate::batch::Batch;
use crate::ids::event_fingerprint;
use crate::project;
use serde::{Deserialize, Serialize};

/// Somebody whose credential was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor {
    /// Who.
    pub user_id: UserId,
    /// Sees and may do everything.
    pub is_admin: bool,
    /// Acts for one run only: fingerprint of its batch's id.
    pub only: Option<u64>,
}

impl Actor {
    /// Whether what this caller may do can bear on the batch `id` at all.
    pub fn reaches(self, id: &str) -> bool {
        self.only.is_none_or(|only| only == event_fingerprint(id))
    }
}

/// What somebody was made: in a project, or for what another person shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Also reports, renames, tags and stops.
    Editor,
    /// Also deletes, and decides who else takes part.
    Owner,
}

impl Role {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Editor => "editor",
            Self::Owner => "owner",
        }
    }

    /// Reads the word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Viewer, Self::Editor, Self::Owner]
            .into_iter()
            .find(|role| role.as_str() == word)
    }
}

/// What a caller may do with a batch; each right includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// See it and everything in it.
    Read,
    /// Report into it, rename, tag and stop it.
    Edit,
    /// Delete and share it.
    Own,
}

impl From<Role> for Right {
    fn from(role: Role) -> Self {
        match role {
            Role::Viewer => Self::Read,
            Role::Editor => Self::Edit,
            Role::Owner => Self::Own,
        }
    }
}

/// What others gave a caller that bears on one batch. Nothing, by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// Their role in the batch's project.
    pub member: Option<Role>,
    /// What the batch's owner shared: this batch, or all their batches in its project.
    pub share: Option<Role>,
    /// The batch's project is open to everybody.
    pub public: bool,
}

/// What `who` may do with `batch`; `None`: it is as good as absent. Nobody (`who` absent) has only
/// what is public. A project's members, and the public, see only what was reported by a member:
/// a stranger who uses the same project name stays alone with their batches. Sample data is for
/// visitors only, so that it is in nobody's lists.
pub fn right(who: Option<Actor>, batch: &Batch, given: Given) -> Option<Right> {
    if batch.deleted_at.is_some() || who.is_some_and(|who| !who.reaches(&batch.id)) {
        return None;
    }
    if project::is_demo(&batch.project) {
        let shown = who.is_none() && given.public && batch.enrolled;
        return shown.then_some(Right::Read);
    }
    if who.is_some_and(|who| who.is_admin || batch.owner_id == Some(who.user_id)) {
        return Some(Right::Own);
    }
    let member = given.member.filter(|_| batch.enrolled).map(Right::from);
    let public = (given.public && batch.enrolled).then_some(Right::Read);
    let share = given.share.map(|role| Right::from(role).min(Right::Edit));
    member.max(public).max(share)
}

/// Whether [`right`] is the same whatever others gave.
pub fn is_settled(who: Option<Actor>, batch: &Batch) -> bool {
    right(who, batch, Given::default()).is_some() || batch.deleted_at.is_some()
}

/// Whether `actor` may report into `batch`. A batch id nobody used yet is open to everyone;
/// a deleted batch keeps its owner, and nobody reports sample data.
pub fn may_report(actor: Actor, batch: &Batch, given: Given) -> bool {
    if project::is_demo(&batch.project) || !actor.reaches(&batch.id) {
        return false;
    }
    actor.is_admin
        || batch.owner_id.is_none()
        || batch.owner_id == Some(actor.user_id)
        || right(Some(actor), batch, given) >= Some(Right::Edit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;
    use crate::time::Timestamp;

    fn actor(user_id: u64) -> Option<Actor> {
        Some(Actor {
            user_id,
            is_admin: false,
            only: None,
        })
    }

    fn batch(enrolled: bool) -> Batch {
        Batch {
            owner_id: Some(1),
            enrolled,
            ..testing::batch("b")
        }
    }

    #[test]
    fn roles_count_only_for_enrolled_batches() {
        let given = Given {
            member: Some(Role::Owner),
            public: true,
            ..Given::default()
        };
        assert_eq!(right(actor(2), &batch(false), given), None);
        assert_eq!(right(actor(2), &batch(true), given), Some(Right::Own));
        assert_eq!(
            right(actor(1), &batch(false), Given::default()),
            Some(Right::Own)
        );
    }

    #[test]
    fn a_share_never_makes_an_owner() {
        let given = Given {
            share: Some(Role::Owner),
            ..Given::default()
        };
        assert_eq!(right(actor(2), &batch(false), given), Some(Right::Edit));
    }

    #[test]
    fn sample_data_is_for_visitors_only() {
        let demo = Batch {
            project: project::DEMO.into(),
            owner_id: None,
            ..batch(true)
        };
        let given = Given {
            public: true,
            ..Given::default()
        };
        let admin = Actor {
            user_id: 9,
            is_admin: true,
            only: None,
        };
        assert_eq!(right(None, &demo, given), Some(Right::Read));
        assert_eq!(right(Some(admin), &demo, given), None);
        assert!(!may_report(admin, &demo, given));
    }

    #[test]
    fn who_acts_for_one_run_reaches_no_other() {
        let batch = batch(false);
        let of = |only: &str| {
            let owner = batch.owner_id.expect("an owner");
            Actor {
                only: Some(event_fingerprint(only)),
                ..actor(owner).expect("somebody")
            }
        };
        let (own, other) = (of(&batch.id), of("other"));
        assert!(may_report(own, &batch, Given::default()));
        assert_eq!(right(Some(own), &batch, Given::default()), Some(Right::Own));
        assert!(!may_report(other, &batch, Given::default()));
        assert_eq!(right(Some(other), &batch, Given::default()), None);
    }

    #[test]
    fn what_is_deleted_is_absent_for_everybody() {
        let gone = Batch {
            deleted_at: Some(Timestamp(1)),
            ..batch(true)
        };
        let admin = Some(Actor {
            user_id: 9,
            is_admin: true,
            only: None,
        });
        assert_eq!(right(admin, &gone, Given::default()), None);
        assert!(may_report(
            actor(1).expect("given"),
            &gone,
            Given::default()
        ));
        let editor = Given {
            share: Some(Role::Editor),
            ..Given::default()
        };
        assert!(!may_report(actor(2).expect("given"), &gone, editor));
    }
}
