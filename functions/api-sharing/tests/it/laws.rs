//! The law of access: whatever is shared, unshared, joined, left, opened and closed in whatever
//! order, everybody reads and changes exactly what a model of a few lines says.

use crate::{batch, person, server};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;
use std::collections::BTreeMap;
use test_kit::{Actor, TestApp};

/// Somebody other than the owner of the project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    Bob,
    Carol,
}

/// What is done. `bool`: as an editor, not only as a viewer.
#[derive(Clone, Debug)]
enum Step {
    Share(Who, bool),
    Unshare(Who),
    ShareAll(Who, bool),
    UnshareAll(Who),
    Join(Who, bool),
    Leave(Who),
    Publish(bool),
}

fn step() -> impl Strategy<Value = Step> {
    let who = || prop_oneof![Just(Who::Bob), Just(Who::Carol)];
    prop_oneof![
        (who(), any::<bool>()).prop_map(|(who, edit)| Step::Share(who, edit)),
        who().prop_map(Step::Unshare),
        (who(), any::<bool>()).prop_map(|(who, edit)| Step::ShareAll(who, edit)),
        who().prop_map(Step::UnshareAll),
        (who(), any::<bool>()).prop_map(|(who, edit)| Step::Join(who, edit)),
        who().prop_map(Step::Leave),
        any::<bool>().prop_map(Step::Publish),
    ]
}

/// What was given and not taken back; the value says whether it lets edit.
#[derive(Default)]
struct Model {
    shared: BTreeMap<Who, bool>,
    shared_all: BTreeMap<Who, bool>,
    joined: BTreeMap<Who, bool>,
    public: bool,
}

impl Model {
    fn take(&mut self, step: &Step) {
        match step {
            Step::Share(who, edit) => drop(self.shared.insert(*who, *edit)),
            Step::Unshare(who) => drop(self.shared.remove(who)),
            Step::ShareAll(who, edit) => drop(self.shared_all.insert(*who, *edit)),
            Step::UnshareAll(who) => drop(self.shared_all.remove(who)),
            Step::Join(who, edit) => drop(self.joined.insert(*who, *edit)),
            Step::Leave(who) => drop(self.joined.remove(who)),
            Step::Publish(public) => self.public = *public,
        }
    }

    /// Whether `who` reads and edits the batch of the project's owner.
    fn owners_batch(&self, who: Who) -> (bool, bool) {
        let given = [&self.shared, &self.shared_all, &self.joined].map(|map| map.get(&who));
        let reads = self.public || given.iter().any(Option::is_some);
        (reads, given.into_iter().flatten().any(|edit| *edit))
    }
}

/// The people and things of one run.
struct World {
    alice: Actor,
    bob: (Actor, u64),
    carol: (Actor, u64),
    nobody: Actor,
    project: String,
    /// Reported by Alice, who owns the project.
    owners: String,
    /// Reported by Carol under the same name before she could have joined.
    strangers: String,
}

impl World {
    fn of(&self, who: Who) -> (&Actor, u64, &'static str) {
        match who {
            Who::Bob => (&self.bob.0, self.bob.1, "bob"),
            Who::Carol => (&self.carol.0, self.carol.1, "carol"),
        }
    }

    async fn take(&self, step: &Step) {
        let role = |edit: bool| if edit { "editor" } else { "viewer" };
        let (project, owners) = (&self.project, &self.owners);
        match step {
            Step::Share(who, edit) => {
                let wish = json!({"grantee_username": self.of(*who).2, "permission": role(*edit)});
                let path = format!("/api/batches/{owners}/shares");
                self.alice.post(&path, &wish).await.ok(201);
            }
            Step::Unshare(who) => {
                let path = format!("/api/batches/{owners}/shares/{}", self.of(*who).1);
                self.alice.delete(&path).await;
            }
            Step::ShareAll(who, edit) => {
                let wish = json!({"project": project, "grantee_username": self.of(*who).2,
                    "permission": role(*edit)});
                self.alice.post("/api/projects/shares", &wish).await.ok(201);
            }
            Step::UnshareAll(who) => {
                let path = format!("/api/projects/shares/{project}/{}", self.of(*who).1);
                self.alice.delete(&path).await;
            }
            Step::Join(who, edit) => {
                let wish = json!({"username": self.of(*who).2, "role": role(*edit)});
                let path = format!("/api/projects/{project}/members");
                self.alice.post(&path, &wish).await.ok(201);
            }
            Step::Leave(who) => {
                let path = format!("/api/projects/{project}/members/{}", self.of(*who).1);
                self.alice.delete(&path).await;
            }
            Step::Publish(public) => {
                let visibility = if *public { "public" } else { "private" };
                let path = format!("/api/projects/{project}");
                let wish = json!({"visibility": visibility});
                self.alice.patch(&path, &wish).await.ok(200);
            }
        }
    }

    async fn reads(&self, actor: &Actor, batch: &str) -> bool {
        let reply = actor.get(&format!("/api/batches/{batch}")).await;
        let job = actor.get(&format!("/api/jobs/{batch}/j/epochs")).await;
        assert_eq!(reply.status, job.status, "a job is as visible as its batch");
        reply.status == 200
    }

    async fn edits(&self, actor: &Actor, batch: &str) -> bool {
        let wish = json!({"notes": "n"});
        let path = format!("/api/batches/{batch}");
        actor.patch(&path, &wish).await.status == 200
    }

    async fn lists(&self, actor: &Actor, batch: &str) -> bool {
        let path = format!("/api/batches?project={}", self.project);
        let rows = actor.get(&path).await.ok(200);
        let mut rows = rows.as_array().into_iter().flatten();
        rows.any(|row| row["id"] == batch)
    }

    async fn check(&self, model: &Model, after: &[Step]) {
        for who in [Who::Bob, Who::Carol] {
            let (actor, ..) = self.of(who);
            let (reads, edits) = model.owners_batch(who);
            let told = format!("{who:?} after {after:?}");
            assert_eq!(self.reads(actor, &self.owners).await, reads, "{told}");
            assert_eq!(self.lists(actor, &self.owners).await, reads, "{told}: list");
            assert_eq!(self.edits(actor, &self.owners).await, edits, "{told}: edit");
        }
        let public = self.reads(&self.nobody, &self.owners).await;
        assert_eq!(public, model.public, "nobody after {after:?}");
        // What Carol reported on her own stays hers, whatever happens to the project.
        for actor in [&self.bob.0, &self.alice, &self.nobody] {
            assert!(!self.reads(actor, &self.strangers).await, "{after:?}");
        }
        assert!(self.reads(&self.carol.0, &self.strangers).await);
        for owner in [true, false] {
            let (actor, batch) = match owner {
                true => (&self.alice, &self.owners),
                false => (&self.carol.0, &self.strangers),
            };
            assert!(self.edits(actor, batch).await && self.lists(actor, batch).await);
        }
    }
}

async fn world(app: &TestApp) -> World {
    let world = World {
        alice: person(app, "alice").await.0,
        bob: person(app, "bob").await,
        carol: person(app, "carol").await,
        nobody: app.anonymous(),
        project: "project".to_owned(),
        owners: "owners".to_owned(),
        strangers: "strangers".to_owned(),
    };
    batch(&world.alice, &world.project, &world.owners).await;
    batch(&world.carol.0, &world.project, &world.strangers).await;
    world
}

#[test]
fn no_order_of_giving_and_taking_opens_more_than_was_given() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let mut runner = TestRunner::new(Config::with_cases(24));
    let law = |steps: Vec<Step>| {
        runtime.block_on(async {
            let app = server().await;
            let world = world(&app).await;
            let mut model = Model::default();
            world.check(&model, &[]).await;
            for (i, step) in steps.iter().enumerate() {
                // Anonymous reads are counted; a minute later there is room again.
                app.services.clock.advance(60);
                world.take(step).await;
                model.take(step);
                world.check(&model, &steps[..=i]).await;
            }
        });
        Ok(())
    };
    runner.run(&vec(step(), 1..12), law).expect("the law holds");
}
