"""The commands: ``python -m analysis run | check | receive | report | share | verify …``."""

from analysis.commands import answered, built_sites, offices, signed, sites, terminal

COMMANDS = {
    "check": offices.check,
    "run": sites.run,
    "apci": sites.apci,
    "report": sites.report,
    "share": built_sites.share_site,
    "verify": built_sites.verify_site,
    "receive": offices.receive,
    "answer": answered.answer,
    "forms": offices.forms,
    "remind": offices.remind,
    "catalogue": signed.catalogue,
    "clean": built_sites.remove_built,
}

app = terminal.app_of("Check, score and report administrative-reform indicators.")
for name, command in COMMANDS.items():
    app.command(name)(command)


def main() -> None:
    """Run the command of the command line."""
    terminal.run(app)


if __name__ == "__main__":
    main()
