"""Ids of batches that stay the same over restarts."""

from . import _native


def derive_batch_id(
    project: str,
    experiment_name: str,
    git_sha: "str | None" = None,
    *,
    prefix: str = "bench",
) -> str:
    """The same batch id for the same project, experiment and commit.

    A launcher that is started again then goes on with the batch it had.

    :param project: project of the batch.
    :param experiment_name: what tells this experiment from others of the project.
    :param git_sha: commit; by default the one checked out in the working directory, and
        ``no-git`` outside of a checkout.
    :param prefix: beginning of the id.
    :returns: ``<prefix>-<16 hexadecimal digits>``.
    """
    return _native.derive_batch_id(project, experiment_name, git_sha, prefix)
