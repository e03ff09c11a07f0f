"""Options of what results are made of beside the answers: languages trained on, and the model's cut-off."""

import click

seen_option = click.option(
    "--seen-langs", metavar="LANG,..", help="Languages the model was trained on, for means over seen and unseen ones."
)
cutoff_option = click.option(
    "--cutoff", metavar="YYYY[-MM]", help="The model's knowledge cut-off: facts that may be newer stand apart."
)
