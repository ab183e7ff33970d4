"""How the simulated clouds are told to behave."""

from dataclasses import fields
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from lab_certificates import self_signed

from multimesh_lab import behaviour
from multimesh_lab.home import LabHome
from multimesh_lab.providers.store import Failure, Settings, read_settings


@pytest.fixture
def home(tmp_path: Path) -> LabHome:
    return LabHome(tmp_path / "lab")


def test_every_setting_can_be_said() -> None:
    assert set(behaviour.WORDS) == {each.name for each in fields(Settings)}


def test_what_is_said_is_kept_for_the_next_call(home: LabHome) -> None:
    behaviour.changed(home, ["duration_scale=0.01"])
    failure = '[{"type": "aws:eks/cluster:Cluster", "method": "create", "times": 2}]'
    behaviour.changed(home, ["nodes=none", f"failures={failure}"])
    assert read_settings(home) == Settings(0.01, "none", "real", (Failure("aws:eks/cluster:Cluster", "create", 2),))
    behaviour.changed(home, ["failures=[]"])
    assert read_settings(home).failures == ()


def test_looking_writes_nothing(home: LabHome) -> None:
    assert behaviour.changed(home, []) == Settings()
    assert not home.root.exists()


def test_settings_before_up_leave_a_folder_that_up_takes(home: LabHome) -> None:
    behaviour.changed(home, ["nodes=none"])
    home.create()
    assert read_settings(home).nodes == "none"


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("speed=1", "the settings are duration_scale, nodes"),
        ("nodes", "is not SETTING=VALUE"),
        ("nodes=many", "nodes is 'many'; allowed are real and none"),
        ("clusters=2", "clusters is '2'; allowed are real and none"),
        ("duration_scale=-1", "duration_scale is '-1'; allowed is a number of 0 or more"),
        ("duration_scale=nan", "allowed is a number of 0 or more"),
        ("duration_scale=fast", "allowed is a number of 0 or more"),
        ("failures=x", "allowed is a list such as"),
        ('failures=[{"kind": 1}]', "allowed is a list such as"),
    ],
)
def test_words_that_are_not_known_say_what_is(home: LabHome, word: str, reason: str) -> None:
    with pytest.raises(behaviour.BehaviourError, match=reason):
        behaviour.changed(home, ["duration_scale=1", word])
    assert not home.root.exists()


def test_lines_say_what_each_setting_means(home: LabHome) -> None:
    settings = Settings(0.5, failures=(Failure("a:b:C", "delete", 3, "no quota"),))
    told = "\n".join(behaviour.lines(settings))
    assert "duration_scale  0.5" in told
    assert "delete a:b:C ×3: no quota" in told


def test_an_authority_is_read_from_its_file_and_named_by_its_subject(home: LabHome, tmp_path: Path) -> None:
    pem = self_signed("issuers", ec.generate_private_key(ec.SECP256R1())).public_bytes(Encoding.PEM)
    (tmp_path / "authority.pem").write_bytes(pem)
    found = behaviour.changed(home, [f"login_authority={tmp_path / 'authority.pem'}"])
    assert read_settings(home).login_authority == pem.decode()
    assert "CN=issuers" in "\n".join(behaviour.lines(found))
    assert behaviour.changed(home, ["login_authority=none"]).login_authority == ""
    (tmp_path / "authority.pem").write_text("nothing")
    with pytest.raises(behaviour.BehaviourError, match="certificates as PEM"):
        behaviour.changed(home, [f"login_authority={tmp_path / 'authority.pem'}"])
