"""`leadgauge calibrate` on files: good ones, odd ones, and bad ones refused without a traceback."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner, Result

from calibrate import from_table
from calibrate.card.proposal import plain
from calibrate.inputs.deriving import Derived
from calibrate.inputs.files import Paths, read
from calibrate.inputs.tables import Table
from calibrate.notes import Notes
from calibrate.options import Options
from commands import calibrate_mirror
from commands.calibrate import command
from commands.score import command as score
from config import load_scorecard
from config.likelihoods import load_likelihood
from meaning.derive import FieldSource, OwnWords
from tests.calibrate.simulator import World
from tests.calibrate.tables_of import table


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(command, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def written(frame: pl.DataFrame, path: Path) -> Path:
    frame.write_csv(path)
    return path


def said(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_a_plain_table_gives_scorecard_likelihood_and_report(tmp_path: Path) -> None:
    leads = written(table(900, stage=lambda rng, won: np.where(won, "closed won", "open")), tmp_path / "export.csv")
    out, likelihood, page = tmp_path / "s.yaml", tmp_path / "l.yaml", tmp_path / "r.html"
    result = run(
        "--leads", leads, "--outcome", "won", "--out", out, "--likelihood", likelihood, "--report", page, "--json"
    )
    assert result.exit_code == 0, result.output
    assert load_likelihood(likelihood).fits(load_scorecard(out))
    assert "stage_" not in plain(out.read_text())["fields"]
    html = page.read_text()
    assert "<svg" in html
    assert "http://" not in html.replace("http://www.w3.org", "")
    assert "<script" not in html
    assert ("sales field", "stage_") in {(note["kind"], note["subject"]) for note in said(result)["notes"]}


def titled(rng: np.random.Generator, won: Any) -> Any:
    """Return job titles, of which the senior ones convert."""
    senior = rng.choice(["CEO", "Vice-President Sales"], len(won))
    return np.where(won, senior, rng.choice(["Clerk", "squad captain"], len(won)))


def test_a_derived_field_is_learned_from_a_table_and_scored_alike(tmp_path: Path) -> None:
    leads = written(table(900, title=titled).with_row_index("id"), tmp_path / "export.csv")
    words = tmp_path / "words.yaml"
    words.write_text("seniority: {head: [squad captain]}\n")
    derive = ("--field", "seniority=seniority(title)", "--words", words)
    out, likelihood = tmp_path / "s.yaml", tmp_path / "l.yaml"
    # The outcome follows from the title alone, which would look like a leak.
    result = run("--leads", leads, "--outcome", "won", *derive, "--include", "seniority", "--exclude", "title",
                 "--out", out, "--likelihood", likelihood, "--json")  # fmt: skip
    assert result.exit_code == 0, result.output
    assert ("derived", "seniority") in {(note["kind"], note["subject"]) for note in said(result)["notes"]}
    rules = [rule for group in plain(out.read_text())["score"]["fit"]["groups"] for rule in group["rules"]]
    assert any("seniority" in rule["lead"] for rule in rules)
    (tmp_path / "none.csv").write_text("lead_id,id,kind,occurred_at\n")
    scored = CliRunner().invoke(score, [
        "--scorecard", str(out), "--leads", str(leads), "--activities", str(tmp_path / "none.csv"),
        "--out", str(tmp_path / "scores.csv"), *map(str, derive),
    ])  # fmt: skip
    assert scored.exit_code == 0, scored.output
    fit = pl.read_csv(tmp_path / "scores.csv").join(pl.read_csv(leads), on="id")
    means = {title: rows["lead_fit"].mean() for (title,), rows in fit.group_by("title")}
    assert min(means["CEO"], means["Vice-President Sales"]) > max(means["Clerk"], means["squad captain"])


def test_derived_fields_of_dated_files_take_their_history_from_the_column(tmp_path: Path) -> None:
    for name, text in {
        "leads": "id,created_at,job title\na,2026-01-01,CEO\nb,2026-01-02,squad captain\n",
        "won": "lead_id,converted_at\na,2026-02-01\n",
        "history": "lead_id,field,since,value,before\na,Job Title,2026-01-05,CEO,Clerk\na,source,2026-01-05,ads,\n",
    }.items():
        (tmp_path / f"{name}.csv").write_text(text)
    sources = {"seniority": FieldSource.parse("seniority(job_title)")}
    derived = Derived(sources, OwnWords(seniority={"head": ("squad captain",)}))
    paths = Paths(tmp_path / "leads.csv", tmp_path / "won.csv", history=tmp_path / "history.csv")
    frames = read(paths, None, Notes(), derived)
    assert frames.leads["seniority"].to_list() == ["c-level", "head"]
    versions = frames.history.filter(pl.col("field") == "seniority").select("value", "before").rows()
    assert versions == [("c-level", "assistant")]
    assert set(frames.history["field"]) == {"Job Title", "source", "seniority"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--field", "seniority=seniority(titel)"), "has no column 'titel'. Its columns are: source"),
        (("--field", "seniority=rank(source)"), "'rank(…)' is no derivation"),
        (("--field", "seniority"), "write FIELD=DERIVATION(COLUMN)"),
        (("--words", "words.yaml"), "there is no level boss"),
    ],
)
def test_a_derivation_that_cannot_be_is_refused(tmp_path: Path, given: tuple[str, str], said: str) -> None:
    (tmp_path / "words.yaml").write_text("seniority: {boss: [chef]}\n")
    leads = written(table(50), tmp_path / "export.csv")
    option, value = given
    result = run("--leads", leads, "--outcome", "won", option, tmp_path / value if option == "--words" else value)
    assert result.exit_code == 2
    assert said in " ".join(result.output.replace("│", " ").split())


def test_leads_activities_and_outcomes_from_files_and_apply(small_world: World, tmp_path: Path) -> None:
    made = small_world
    leads = written(made.leads.rename({"lead": "id"}), tmp_path / "leads.csv")
    made.activities.join(made.touchpoints, on="touchpoint").rename({"lead": "lead_id"}).write_parquet(
        tmp_path / "acts.parquet"
    )
    outcomes = written(made.outcomes.rename({"lead": "lead_id", "occurred_at": "converted_at"}), tmp_path / "won.csv")
    card = tmp_path / "card.yaml"
    card.write_text(
        "# ours\nscorecard: ours\nfields: {industry: text, employees: number}\nscore:\n  fit:\n    groups:\n      - {name: A, rules: [{name: Small, lead: {employees: {below: 20}}, points: 9}]}\n"
    )
    result = run(
        "--leads",
        leads,
        "--activities",
        tmp_path / "acts.parquet",
        "--outcomes",
        outcomes,
        "--scorecard",
        card,
        "--apply",
        "--json",
    )
    open_gate = said(result)["gate_open"]
    if open_gate["open"]:
        assert result.exit_code == 0
        assert card.read_text().startswith("# ours")
        assert load_likelihood(tmp_path / "card.likelihood.yaml").fits(load_scorecard(card))
    else:
        assert result.exit_code == 1
        assert "points: 9" in card.read_text()


def test_a_proposal_that_the_gate_stops_leaves_the_scorecard_alone(tmp_path: Path) -> None:
    leads = written(table(200), tmp_path / "t.csv")
    card = tmp_path / "card.yaml"
    before = "scorecard: ours\nfields: {source: text, visits: number}\nscore: {fit: {groups: []}}\n"
    card.write_text(before)
    result = run("--leads", leads, "--outcome", "won", "--scorecard", card, "--apply")
    assert result.exit_code == 1
    assert "Not applied" in result.output
    assert card.read_text() == before


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        (table(60), "more are needed"),
        (table(300).with_columns(won=pl.lit("yes")), "more are needed"),
        (table(300).with_columns(won=pl.lit("maybe")), "yes and no"),
        (table(300).with_columns(won=pl.lit(None, pl.String)), "No row has an outcome"),
        (table(1).head(0), "no complete row"),
    ],
)
def test_what_cannot_be_learned_from_is_declined_in_words(frame: pl.DataFrame, says: str, tmp_path: Path) -> None:
    result = run("--leads", written(frame, tmp_path / "t.csv"), "--outcome", "won")
    assert result.exit_code in {1, 2}
    assert says in result.output


def dated(history: int, folder: Path) -> tuple[object, ...]:
    """Write 600 leads of two years, half converted after 50 days, whose activities are known for `history` days."""
    now, day = datetime(2026, 6, 1, tzinfo=UTC), timedelta(days=1)
    created = [now - day * (10 + number * 1.15) for number in range(600)]
    leads = pl.DataFrame({"id": range(600), "created_at": created, "source": ["ads", "fair", "web"] * 200})
    seen = [(number, now - day * (number * history / 600)) for number in range(600)]
    acts = pl.DataFrame(seen, ("lead_id", "occurred_at"), orient="row").with_columns(kind=pl.lit("page_view"))
    won = [(number, moment + 50 * day) for number, moment in enumerate(created) if number % 2 and number > 60]
    outcomes = pl.DataFrame(won, ("lead_id", "converted_at"), orient="row")
    frames = {"leads": leads, "activities": acts, "outcomes": outcomes}
    return tuple(
        part for name, frame in frames.items() for part in (f"--{name}", written(frame, folder / f"{name}.csv"))
    )


@pytest.mark.parametrize(
    ("history", "advice"),
    [
        (160, "A shorter horizon leaves enough: --horizon 30 instead of 90 days."),
        (140, "Use a longer history, or wait until more leads have converted."),
    ],
)
def test_a_history_that_is_too_short_gets_one_advice(history: int, advice: str, tmp_path: Path) -> None:
    found = said(run(*dated(history, tmp_path), "--horizon", "90", "--json"))
    assert found["standing"] == "declined"
    assert found["message"].endswith(advice)
    assert not [note for note in found["notes"] if "suggests a horizon" in note["message"]]


def test_the_horizon_that_is_advised_is_enough(tmp_path: Path) -> None:
    found = said(run(*dated(160, tmp_path), "--horizon", "30", "--json"))
    assert found["standing"] != "declined"


def test_odd_columns_are_named_and_do_no_harm(tmp_path: Path) -> None:
    rows = 400
    frame = table(
        rows, constant=["x"] * rows, empty=[None] * rows, many=[f"value {n}" for n in range(rows)],
        employees=[str(n) if n % 50 else "about 5" for n in range(rows)], chosen=["Select", "a", "b", "c"] * (rows // 4),
    ).with_columns(pl.lit("中文 <b>&").alias("Ünïcode <b>"))  # fmt: skip
    result = run(
        "--leads", written(frame, tmp_path / "t.csv"), "--outcome", "won", "--report", tmp_path / "r.html", "--json"
    )
    assert result.exit_code == 0, result.output
    kinds = {(note["kind"], note["subject"]) for note in said(result)["notes"]}
    assert {("constant", ""), ("id", "many"), ("unreadable cells", "employees")} <= kinds


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        (table(300).select("won"), "no column besides the outcome"),
        (table(300).select("won", constant=pl.lit("x")), "No field is left"),
        (table(300).select("won", result=pl.col("won")), "No field is left"),
    ],
)
def test_a_table_without_a_usable_column_is_declined(frame: pl.DataFrame, says: str, tmp_path: Path) -> None:
    result = run("--leads", written(frame, tmp_path / "t.csv"), "--outcome", "won")
    assert result.exit_code in {1, 2}
    assert says in result.output


@pytest.mark.slow
def test_noise_gives_no_rule_however_many_columns_there_are(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).normal(size=(2000, 100))
    frame = table(2000).hstack(pl.DataFrame(noise, [f"noise_{n}" for n in range(100)]))
    found = said(run("--leads", written(frame, tmp_path / "t.csv"), "--outcome", "won", "--json"))
    assert {rule["name"].split(":")[0] for rule in found["rules"]} == {"Source", "Visits"}


def test_leads_twice_are_counted_and_taken_once(tmp_path: Path) -> None:
    frame = table(300).with_row_index("Lead Number")
    again = pl.concat([frame, frame.head(20)])
    found = said(run("--leads", written(again, tmp_path / "t.csv"), "--outcome", "won", "--json"))
    assert "20 rows repeat a lead (by Lead Number)" in str(found["notes"])
    assert "No column identifies the lead" not in str(found["notes"])
    assert found["leads"] == 300


@pytest.mark.parametrize(
    "wish",
    [
        ("--include", "x"),
        ("--exclude", "x"),
        ("--at-creation", "x"),
        ("--lock", "x"),
        ("--group", "x"),
        ("--sign", "x=+"),
    ],
)
def test_a_wish_that_names_nothing_is_refused(wish: tuple[str, str], tmp_path: Path) -> None:
    result = run("--leads", written(table(300), tmp_path / "t.csv"), "--outcome", "won", *wish)
    assert result.exit_code == 2
    assert f"{wish[0]} x: this name does not exist" in result.output


def test_wishes_may_name_a_field_as_the_file_does(tmp_path: Path) -> None:
    frame = table(300).rename({"source": "Lead Source", "visits": "Total Visits"})
    wishes = ("--exclude", "Lead Source", "--sign", "Total Visits=-", "--group", "Lead Source")
    found = said(run("--leads", written(frame, tmp_path / "t.csv"), "--outcome", "won", *wishes, "--json"))
    assert "lead_source" in {note["subject"] for note in found["notes"] if note["kind"] == "excluded"}
    assert not found["rules"]


def test_a_table_without_ids_says_that_score_will_need_one(tmp_path: Path) -> None:
    """Calibrate does without one, but `score` refuses the file."""
    found = said(run("--leads", written(table(300), tmp_path / "t.csv"), "--outcome", "won", "--json"))
    assert "No column identifies the lead; `score` needs one. Name it with --id COLUMN" in str(found["notes"])


def test_a_proposed_option_quotes_a_name_with_spaces(tmp_path: Path) -> None:
    """So that the line can be pasted."""
    frame = table(300).with_columns(pl.lit("high").alias("Lead Quality"))
    leads = written(frame, tmp_path / "t.csv")
    result = run("--leads", leads, "--outcome", "won", "--against", "Lead Quality")
    assert result.exit_code == 2
    assert '--at-creation "Lead Quality"' in " ".join(result.output.split())


def test_an_interrupted_export_is_counted_and_skipped(tmp_path: Path) -> None:
    path = written(table(300), tmp_path / "t.csv")
    path.write_text(path.read_text() + '"ads,4.0,yes",,\nweb,2\nfair')
    result = run("--leads", path, "--outcome", "won", "--json")
    assert "3 broken rows" in str(said(result)["notes"])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--leads", "nowhere.csv", "--outcome", "won"), "nowhere.csv"),
        (("--outcome", "won"), "--leads"),
        (("--leads", "t.csv"), "--outcomes"),
        (("--leads", "t.csv", "--outcome", "won", "--horizon", "30"), "no dates"),
        (("--leads", "t.csv", "--outcomes", "t.csv"), "lead_id"),
        (("--leads", "t.csv", "--outcome", "nothing"), "has no column"),
        (("--leads", "t.csv", "--outcome", "Wno"), "has no column 'Wno'. Did you mean 'won'? Its columns are: "),
        (("--leads", "t.csv", "--outcome", "won", "--order", "visit"), "Did you mean 'visits'? Its columns are: "),
        (("--leads", "t.csv", "--outcome", "won", "--exclude", "sorce"), "Did you mean 'source'? Known names: "),
        (("--leads", "t.csv", "--outcome", "won", "--include", "sorce"), "Did you mean 'source'? Known names: "),
        (("--leads", "t.csv", "--outcomes", "t.csv"), "Name it with --id COLUMN, or add a column with row numbers."),
        (("--leads", "t.csv", "--outcomes", "t.csv", "--id", "source"), "Name it with --created COLUMN."),
        (("--leads", "t.csv", "--outcome", "won", "--sign", "x"), "FIELD=+"),
        (("--leads", "t.csv", "--outcome", "won", "--scorecard", "none.yaml"), "none.yaml"),
        (("--leads", "t.csv", "--outcome", "won", "--apply"), "--scorecard"),
        (("--leads", "t.csv", "--outcome", "won", "--heed-feedback"), "files and accounts have no feedback"),
    ],
)
def test_wrong_use_is_one_clear_message(
    arguments: tuple[str, ...], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    written(table(120), tmp_path / "t.csv")
    result = run(*arguments)
    assert result.exit_code == 2
    assert says in result.output


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"a,b\n", "lead;won\n1;yes\n".encode("utf-16")])
def test_no_file_is_odd_enough_for_a_traceback(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(content)
    assert run("--leads", tmp_path / "t.csv", "--outcome", "won").exit_code in {1, 2}
    (tmp_path / "t.parquet").write_bytes(content)
    assert run("--leads", tmp_path / "t.parquet", "--outcome", "won").exit_code == 2


WITHOUT = "import sys; sys.modules.update(dict.fromkeys(['sklearn', 'scipy', 'threadpoolctl', 'matplotlib'])); "

SCORE = (
    "from scoring import score as rate, touchpoints;"
    "none = {'lead': pl.String, 'id': pl.String, 'kind': pl.String, 'occurred_at': pl.Datetime('us', 'UTC'), 'url': pl.String,"
    " 'name': pl.String, 'seconds': pl.Float64, 'value': pl.Float64};"
    "lead = pl.DataFrame({'lead': ['a'], 'source': ['fair'], 'visits': [7.0]});"
    "score = lambda card, likely: rate(lead, *touchpoints(pl.DataFrame(schema=none)), card,"
    " d.datetime(2026, 1, 1, tzinfo=d.UTC), likelihood=likely).results['lead_likelihood'][0];"
)


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", WITHOUT + code], capture_output=True, text=True, check=False)


def test_without_scikit_learn_calibrate_says_what_to_install(tmp_path: Path) -> None:
    leads = written(table(60), tmp_path / "t.csv")
    words = ["leadgauge", "calibrate", "--leads", str(leads), "--outcome", "won"]
    result = python(f"sys.argv[:] = {words}; from worker import main; main()")
    assert result.returncode == 2
    assert "pip install 'leadgauge[calibrate]'" in result.stderr
    assert "Traceback" not in result.stderr


def test_scoring_needs_no_library_for_the_result(tmp_path: Path) -> None:
    leads, out, likelihood = written(table(900), tmp_path / "t.csv"), tmp_path / "card.yaml", tmp_path / "l.yaml"
    run("--leads", leads, "--outcome", "won", "--out", out, "--likelihood", likelihood)
    result = python(
        "import polars as pl, datetime as d; from pathlib import Path; from config import load_scorecard;"
        f"from config.likelihoods import load_likelihood; {SCORE}"
        f"card, likely = load_scorecard(Path({str(out)!r})), load_likelihood(Path({str(likelihood)!r}));"
        "print(score(card, likely))"
    )
    assert result.returncode == 0, result.stderr
    assert 0 < float(result.stdout) < 100


def test_the_likelihood_of_the_settings_stays_without_apply(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Calibrating a mirror writes the likelihood that the settings name with `--apply` alone."""
    asked = from_table.Ask("won", None, datetime(2026, 1, 1, tzinfo=UTC))
    result = from_table.run(Table(tmp_path / "t.csv", table(900)), asked, Options(trees=20, folds=2, bootstraps=5))
    stands = tmp_path / "likelihood.yaml"
    stands.write_text("in use\n")
    use = SimpleNamespace(file=tmp_path / "card.yaml", likelihood_of=lambda of: stands)
    monkeypatch.setattr(calibrate_mirror, "from_mirror", lambda ask, options: (result, use))
    assert run().exit_code == 0
    assert stands.read_text() == "in use\n"
    assert run("--likelihood", tmp_path / "other.yaml").exit_code == 0
    assert (tmp_path / "other.yaml").exists()
