"""The commands: ``python -m analysis run | check | receive | report | share | verify …``."""

import os

# Threads of linear algebra in each of many workers wait for one another, busily: a matrix of 300
# rows took fifty times as long. Said before numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from analysis.commands import later, terminal, usage

COMMANDS = {  # name → where it is, imported when it is called
    "init": "beginnings.init",
    "status": "overview.status",
    "check": "offices.check",
    "run": "sites.run",
    "apci": "sites.apci",
    "report": "sites.report",
    "share": "built_sites.share_site",
    "verify": "built_sites.verify_site",
    "receive": "offices.receive",
    "answer": "answered.answer",
    "close": "closing.close",
    "forms": "offices.forms",
    "remind": "offices.remind",
    "questionnaire": "questions.questionnaire",
    "catalogue": "signed.catalogue",
    "clean": "built_sites.remove_built",
}

NEW = {
    "period": "beginnings.new_period",
    "edition": "beginnings.new_edition",
    "page": "beginnings.new_page",
}

CLUSTER = {
    "init": "clusters.init",
    "scheduler": "clusters.scheduler",
    "worker": "clusters.worker",
    "release": "clusters.release",
}

app = terminal.app_of("Check, score and report administrative-reform indicators.")
app.callback(invoke_without_command=True)(terminal.version)
for name, where in COMMANDS.items():
    app.command(name, cls=usage.Command)(later.command(where))


new = terminal.app_of("Begin a period, a survey edition or a page of one's own.")
for name, where in NEW.items():
    new.command(name, cls=usage.Command)(later.command(where))
app.add_typer(new, name="new")

cluster = terminal.app_of(
    "Share the work among machines: certificates, scheduler, workers, and what one left."
)
for name, where in CLUSTER.items():
    cluster.command(name, cls=usage.Command)(later.command(where))
app.add_typer(cluster, name="cluster")


def main() -> None:
    """Run the command of the command line."""
    terminal.run(app)


if __name__ == "__main__":
    main()
