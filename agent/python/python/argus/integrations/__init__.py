"""Adapters between training frameworks and Argus.

Each framework has a module of its own, imported only when its user asks for it, so none of them is needed to
report with :mod:`argus`:

``lightning``, ``keras``, ``transformers``, ``hydra``, ``optuna``, ``xgboost``, ``lightgbm`` and ``torch`` (a plain
loop, without a framework).
"""
