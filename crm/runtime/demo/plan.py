"""What the company of the demo plans for each stage of its lifecycle."""

from datetime import datetime

from campaigns.campaign.models import Campaign
from campaigns.templating.models import MailTemplate
from contacts.account_roles.models import AccountRole
from contacts.stages.choice import stages_in_use
from crm.home.models import StagePlan
from crm.team.models import User
from journeys.journey.models import Journey

# By the stage's key: first touch point, expected experience, moments that matter, technology.
_WORDS: dict[str, tuple[str, str, str, str]] = {
    "discover": ("네이버 검색, 블로그 글 ‘회의가 짧아지는 12가지 방법’", "3초 안에 무엇을 해 주는 제품인지 안다.",
                 "첫 방문, 백서 내려받기", "사이트 수집 코드, 네이버·구글 광고"),
    "educate": ("", "내 업무에 맞는 활용법을 스스로 찾아본다. 영업 전화에 쫓기지 않는다.",
                "웨비나 신청, 요금제 페이지 재방문", "뉴스레터, 웨비나 도구, 리드 점수"),
    "convert": ("", "문의한 지 5분 안에 답을 듣고, 견적과 보안 자료를 한 번에 받는다.",
                "도입 문의, 첫 결제", "도입 문의 양식, 영업 담당자의 리드 목록"),
    "retain": ("", "첫 주에 팀원을 모두 초대하고, 막히면 바로 도움을 받는다.",
               "첫 노트 공유, 갱신 60일 전", "도움말, 갱신 알림"),
    "advocate": ("", "추천한 보람을 느끼고, 신제품을 먼저 써 본다.",
                 "후기 작성, 지인 추천", "추천 코드, 후기 요청 메일"),
}  # fmt: skip
_ROLES = {"discover": 1, "educate": 2, "convert": 3, "retain": 2, "advocate": 1}


def draw(by: User, now: datetime) -> None:
    """Write the plan of each stage in use, with the mails, campaigns and journeys that there are, dealt out in turn."""
    stages = [stage for stage in stages_in_use() if stage.key in _WORDS]
    roles = list(AccountRole.objects.values_list("key", flat=True))
    messages = [list(model.objects.order_by("pk").values_list("pk", flat=True)) for model in _MODELS]
    for place, stage in enumerate(stages):
        first, experience, moments, technology = _WORDS[stage.key]
        templates, campaigns, journeys = (numbers[place :: len(stages)][:2] for numbers in messages)
        StagePlan.objects.create(
            stage=stage,
            roles=roles[place : place + _ROLES[stage.key]],
            first_touch=first,
            experience=experience,
            moments=moments,
            technology=technology,
            templates=templates,
            campaigns=campaigns,
            journeys=journeys,
            changed_by=by,
            changed_at=now,
        )


_MODELS = (MailTemplate, Campaign, Journey)
