"""Log-in, password and profile pages."""

from django.urls import path

from crm.team import company_page, roles_page, tokens_page, views
from crm.team.first_admin import first_admin
from crm.team.saved_views import views as saved_views
from crm.team.second_factor import views as second_factor
from crm.team.sign_ins import views as sign_ins
from crm.team.trail import views as trail

app_name = "team"
urlpatterns = [
    path("login/", views.Login.as_view(), name="login"),
    path("first-admin/", first_admin, name="first_admin"),
    path("logout/", views.Logout.as_view(), name="logout"),
    path("reset/", views.Reset.as_view(), name="reset"),
    path("reset/sent/", views.ResetSent.as_view(), name="reset_sent"),
    path("reset/<uidb64>/<token>/", views.ResetConfirm.as_view(), name="reset_confirm"),
    path("password/", views.Password.as_view(), name="password"),
    path("company/", company_page.page, name="company"),
    path("profile/", views.profile, name="profile"),
    path("tokens/", tokens_page.page, name="tokens"),
    path("tokens/<int:token_id>/revoke/", tokens_page.revoke, name="token-revoke"),
    path("notices/", views.notices, name="notices"),
    path("roles/", roles_page.roles, name="roles"),
    path("login/code/", second_factor.code, name="code"),
    path("second-factor/", second_factor.overview, name="second-factor"),
    path("second-factor/set-up/", second_factor.set_up, name="second-factor-set-up"),
    path("second-factor/codes/", second_factor.codes, name="second-factor-codes"),
    path("second-factor/remove/", second_factor.take_away, name="second-factor-remove"),
    path("sign-ins/", sign_ins.show, name="sign-ins"),
    path("sign-ins/end/", sign_ins.end_all, name="sign-ins-end"),
    path("sign-ins/<int:sign_in_id>/end/", sign_ins.end_one, name="sign-in-end"),
    path("users/<int:user_id>/sign-ins/", sign_ins.show, name="sign-ins-of"),
    path("users/<int:user_id>/sign-ins/end/", sign_ins.end_all, name="sign-ins-of-end"),
    path("users/<int:user_id>/second-factor/reset/", sign_ins.reset_second_factor, name="second-factor-reset"),
    path("trail/", trail.trail, name="trail"),
    path("trail/trail.csv", trail.as_csv, name="trail-csv"),
    path("trail/of/<slug:kind>/", trail.of_object, name="trail-of-all"),
    path("trail/of/<slug:kind>/<int:object_id>/", trail.of_object, name="trail-of"),
    path("views/save/", saved_views.save, name="view-save"),
    path("views/<int:view_id>/", saved_views.change, name="view-change"),
    path("views/<int:view_id>/delete/", saved_views.delete, name="view-delete"),
    path("preferences/", views.preferences, name="preferences"),
]
