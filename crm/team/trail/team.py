"""What the trail knows of the team itself: users, roles, the company."""

from django.utils.translation import gettext_lazy as _

from crm.team.models import ApiToken, Company, User
from crm.team.permissions import Action
from crm.team.trail.kinds import Kind, Table

TEAM_KINDS = (
    Kind(
        "user",
        _("User"),
        Action.USER_EDIT,
        tables=(
            Table(
                User,
                labels=("name", "email"),
                left_out=("last_login", "theme", "created_at", "is_superuser", "second_factor_at", "session_round"),
                secret=("password",),
                always=True,
            ),
        ),
        url_name="admin:team_user_change",
    ),
    Kind(
        "token",
        _("API token"),
        Action.USER_EDIT,
        (Table(ApiToken, left_out=("prefix", "created_at", "last_used_at"), secret=("digest",), always=True),),
        "team:tokens",
        by_id=False,
    ),
    Kind(
        "company",
        _("Company"),
        Action.SETTINGS_EDIT,
        (Table(Company, left_out=("version",), always=True),),
        "team:company",
        by_id=False,
    ),
)
