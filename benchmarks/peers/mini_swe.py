"""mini-swe-agent as it comes: its own prompts, its local environment, its trajectory saved after every step.

Law: run by an interpreter of its own, which has that package and nothing of ours.
"""

from __future__ import annotations

import argparse
import logging
import os
from pathlib import Path


def main() -> None:
    """Run once in a folder, and print the processor seconds of this process and its children."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--folder", type=Path, required=True)
    asked = parser.parse_args()

    import litellm  # type: ignore[import-not-found]  # in the peer's own environment
    import minisweagent  # type: ignore[import-not-found]  # it has no types either
    import yaml
    from minisweagent.agents.default import DefaultAgent  # type: ignore[import-not-found]  # it has no types either
    from minisweagent.environments.local import LocalEnvironment  # type: ignore[import-not-found]  # it has no types either
    from minisweagent.models.litellm_model import LitellmModel  # type: ignore[import-not-found]  # it has no types either

    logging.disable(logging.CRITICAL)
    litellm.suppress_debug_info = True
    config = yaml.safe_load((Path(minisweagent.__file__).parent / "config" / "mini.yaml").read_text())
    told = {key: config["agent"][key] for key in ("system_template", "instance_template")}
    model = LitellmModel(
        model_name="anthropic/claude-opus-5-5",
        model_kwargs={"api_base": asked.url, "api_key": "instant", "max_tokens": 32_000},
        cost_tracking="ignore_errors",
        set_cache_control="default_end",
        **{key: value for key, value in config["model"].items() if key.endswith("_template")},
    )
    environment = LocalEnvironment(cwd=str(asked.folder), env=config["environment"].get("env", {}))
    agent = DefaultAgent(model, environment, output_path=asked.folder.parent / "trajectory.json", **told)
    began = sum(os.times()[:4])
    agent.run("Make the parts.")
    print(sum(os.times()[:4]) - began)


if __name__ == "__main__":
    main()
