"""What stands in the deployment's files, held against the code."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from fastapi.routing import iter_route_contexts
from prometheus_client import REGISTRY

from chassis.clock import system_clock
from chassis.settings import Settings
from chassis.telemetry import metrics
from chassis.vault import KeyRing
from frontdoor.catalogue import SERVICES
from frontdoor.distributed.paths import service_of
from frontdoor.distributed.settings import ServiceSettings
from frontdoor.house import House, Parts
from frontdoor.wiring import inside
from policy.loading import PackSet
from tests.compose import FILE, ROOT, compose, ours, services

PROGRAMS = Path(sys.executable).parent
DEPLOY = ROOT / "deploy"
OBSERVABILITY = DEPLOY / "observability"
KNOWN_ELSEWHERE = {"up"}


def checked(*command: str) -> None:
    done = subprocess.run(
        [str(PROGRAMS / command[0]), *command[1:]], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_compose_file_is_one() -> None:
    checked("check-jsonschema", "--builtin-schema", "vendor.compose-spec", str(FILE))


def test_the_dockerfile_has_no_lint() -> None:
    checked("hadolint", str(DEPLOY / "Dockerfile"))


def test_every_service_is_served_and_migrated() -> None:
    for name in SERVICES:
        assert services()[name]["command"] == ["serve", name]
        migration = services()[f"migrate-{name}"]
        assert migration["command"] == ["migrate", "--pre", "--post"]
        assert migration["environment"]["FRONTDOOR_SERVICE"] == name
        waits = services()[name]["depends_on"]
        assert waits[f"migrate-{name}"]["condition"] == "service_completed_successfully"


def test_what_containers_are_told_are_settings() -> None:
    known = {f"FRONTDOOR_{name.upper()}" for name in ServiceSettings.model_fields}
    for name, one in ours().items():
        assert set(one.get("environment", {})) - known <= {"FRONTDOOR_SERVICE"}, name
        settings = {
            key.removeprefix("FRONTDOOR_").lower(): value
            for key, value in one.get("environment", {}).items()
        }
        if settings:
            settings["authorities"] = json.loads(settings["authorities"])
            ServiceSettings.model_validate(settings)


def test_no_service_has_anothers_keys_or_database() -> None:
    for name in SERVICES:
        one = services()[name]
        # Without nocopy Docker would give the volume, still empty, to whoever owns /keys in the image.
        assert one["volumes"] == [f"keys-{name}:/keys:ro,nocopy"]
        assert one["environment"]["FRONTDOOR_DATABASE_URL"].endswith(f"/frontdoor_{name}")
        assert "FRONTDOOR_MIGRATION_URL" not in one["environment"]


def test_nothing_but_the_gateway_and_what_operators_look_at_has_a_port() -> None:
    open_ports = {name for name, one in services().items() if "ports" in one}
    assert open_ports == {"gateway", "mailpit", "prometheus", "grafana"}
    for name in open_ports:
        assert all(port.startswith("127.0.0.1:") for port in services()[name]["ports"])


def test_our_containers_may_do_nothing_but_serve() -> None:
    for name, one in ours().items():
        assert one["read_only"] is True, name
        assert one["cap_drop"] == ["ALL"], name
        assert "privileged" not in one, name
    assert re.search(r"^USER 10001:10001$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)


@pytest.mark.parametrize(("profile", "brokers"), [("one-broker", 1), ("three-brokers", 3)])
def test_a_profile_has_its_brokers(profile: str, brokers: int) -> None:
    mine = {name: one for name, one in services().items() if one.get("profiles") == [profile]}
    assert len(mine) == brokers
    voters = {one["environment"]["KAFKA_CONTROLLER_QUORUM_VOTERS"] for one in mine.values()}
    assert voters == {
        ",".join(f"{one['environment']['KAFKA_NODE_ID']}@{name}:9093" for name, one in mine.items())
    }
    for name, one in mine.items():
        # Services know one name, whatever the profile.
        networks = one["networks"]
        assert name == "kafka" or networks["data"]["aliases"] == ["kafka"]


def test_volumes_and_files_that_are_named_are_there() -> None:
    for name, one in services().items():
        for volume in one.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("./"):
                assert (ROOT / source).exists(), (name, source)
            else:
                assert source in compose()["volumes"], (name, source)


def expressions() -> list[tuple[str, str]]:
    found = []
    for group in yaml.safe_load((OBSERVABILITY / "alerts.yml").read_text())["groups"]:
        found += [(rule["alert"], rule["expr"]) for rule in group["rules"]]
    dashboard = json.loads((OBSERVABILITY / "grafana/dashboards/frontdoor.json").read_text())
    for panel in dashboard["panels"]:
        found += [(panel["title"], target["expr"]) for target in panel["targets"]]
    return found


def selected(node: Any) -> set[str]:
    """The names of all metrics that an expression asks for."""
    names = set()
    if isinstance(node, promql_parser.VectorSelector):
        names.add(node.name)
    for part in ("expr", "lhs", "rhs", "vector_selector"):
        inner = getattr(node, part, None)
        if inner is not None:
            names |= selected(inner)
    for argument in getattr(node, "args", None) or []:
        names |= selected(argument)
    return names


def test_alerts_and_panels_ask_for_metrics_that_there_are() -> None:
    assert metrics
    known = {name for one in REGISTRY.collect() for name in (one.name, *_samples(one))}
    asked = set()
    for title, expression in expressions():
        names = selected(promql_parser.parse(expression.replace("$__rate_interval", "5m")))
        assert names, title
        assert names <= known | KNOWN_ELSEWHERE, (title, names - known)
        asked |= names
    assert {"parked_referrals", "consumer_lag_seconds", "oldest_due_clock_seconds",
            "relay_oldest_unpublished_seconds"} <= asked  # fmt: skip


def _samples(metric: Any) -> set[str]:
    endings = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}
    return {metric.name + ending for ending in endings.get(metric.type, ())}


def test_alerts_lead_to_what_is_written_about_them() -> None:
    for group in yaml.safe_load((OBSERVABILITY / "alerts.yml").read_text())["groups"]:
        for rule in group["rules"]:
            page, _, place = rule["annotations"]["runbook"].partition("#")
            headings = re.findall(r"^#+ (.+)$", (ROOT / page).read_text("utf-8"), re.MULTILINE)
            assert place in {one.lower().replace(" ", "-") for one in headings}, rule["alert"]


def test_each_path_is_answered_by_the_service_that_the_table_names(packs: PackSet) -> None:
    house = House(Parts(Settings(), {}, packs, KeyRing.new(), system_clock))
    seen = 0
    for name, running in house.build_unconnected().items():
        for router in (*running.routers, *inside(running)):
            for route in iter_route_contexts(router.routes):
                path = re.sub(r"\{[^}]+\}", "x", str(route.path))
                assert service_of(path) == name, path
                seen += 1
    assert seen > 30
    assert {service_of(f"/internal/v1/{name}/keys") for name in SERVICES} == set(SERVICES)
