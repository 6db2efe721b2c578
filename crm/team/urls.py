"""Log-in, password and profile pages."""

from django.contrib.auth import views as auth
from django.urls import path

from crm.team import company_page, views
from crm.team.first_admin import first_admin
from crm.team.trail import views as trail

app_name = "team"
urlpatterns = [
    path("login/", views.Login.as_view(), name="login"),
    path("first-admin/", first_admin, name="first_admin"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("reset/", views.Reset.as_view(), name="reset"),
    path("reset/sent/", views.ResetSent.as_view(), name="reset_sent"),
    path("reset/<uidb64>/<token>/", views.ResetConfirm.as_view(), name="reset_confirm"),
    path("password/", views.Password.as_view(), name="password"),
    path("company/", company_page.page, name="company"),
    path("profile/", views.profile, name="profile"),
    path("notices/", views.notices, name="notices"),
    path("trail/", trail.trail, name="trail"),
    path("trail/trail.csv", trail.as_csv, name="trail-csv"),
    path("trail/of/<slug:kind>/", trail.of_object, name="trail-of-all"),
    path("trail/of/<slug:kind>/<int:object_id>/", trail.of_object, name="trail-of"),
    path("preferences/", views.preferences, name="preferences"),
]
