"""Answers of real servers, and whose fault each is."""

import pytest

from campaigns.mailers.replies import Outcome, classify, enhanced_status

SENT, DEFERRED = Outcome.SENT, Outcome.DEFERRED
HARD, SOFT, REJECTED, FAILED = Outcome.BOUNCED_HARD, Outcome.BOUNCED_SOFT, Outcome.REJECTED, Outcome.FAILED

ANSWERS = [
    (250, "2.0.0", "OK 1700000000 d2e1a72fcca58", SENT),
    (250, "", "Queued", SENT),
    (202, "", "", SENT),
    (421, "4.7.0", "Try again later, closing connection. (EHLO) spam", DEFERRED),
    (450, "4.2.1", "The user you are trying to contact is receiving mail too quickly", DEFERRED),
    (451, "4.7.1", "Greylisting in action, please come back later", DEFERRED),
    (452, "4.2.2", "The email account that you tried to reach is over quota", DEFERRED),
    (429, "", "Too many requests", DEFERRED),
    (550, "5.1.1", "The email account that you tried to reach does not exist.", HARD),
    (550, "", "5.1.1 No such user (naver)", HARD),
    (550, "5.1.2", "Host unknown", HARD),
    (550, "5.1.3", "bad address syntax", HARD),
    (551, "5.1.6", "User has moved", HARD),
    (551, "", "User not local; please try elsewhere", HARD),
    (550, "5.1.10", "RESOLVER.ADR.RecipientNotFound; Recipient not found", HARD),
    (556, "5.1.10", "Domain does not accept mail (null MX)", HARD),
    (550, "5.2.1", "The email account that you tried to reach is inactive.", HARD),
    (550, "5.4.1", "Recipient address rejected: Access denied. AS(201806281)", HARD),
    (550, "5.4.4", "Unable to route: no mail hosts for domain", HARD),
    (550, "5.5.0", "Requested action not taken: mailbox unavailable (S2017062302)", HARD),
    (554, "", "delivery error: dd This user doesn't have a yahoo.com account (a@yahoo.com) [0]", HARD),
    (550, "", "User unknown in virtual mailbox table", HARD),
    (550, "", "존재하지 않는 계정입니다", HARD),
    (550, "5.7.1", "<a@example.com>: Recipient address rejected: user unknown", HARD),
    (550, "5.7.17", "Mailbox owner has changed", HARD),
    (0, "5.1.1", "", HARD),
    (552, "5.2.2", "Mailbox full", SOFT),
    (552, "", "Requested mail action aborted: exceeded storage allocation", SOFT),
    (550, "5.2.0", "Quota exceeded (mailbox for user is full)", SOFT),
    (550, "", "Requested action not taken", SOFT),
    (554, "5.0.0", "Service unavailable", SOFT),
    (554, "", "", SOFT),
    (550, "5.4.6", "Mail loop detected", SOFT),
    (0, "", "", SOFT),
    (0, "", "something nobody has seen before", SOFT),
    (550, "5.7.1", "Our system has detected that this message is likely unsolicited mail.", REJECTED),
    (550, "5.7.26", "This mail has been blocked because the sender is unauthenticated.", REJECTED),
    (554, "5.7.9", "Message not accepted for policy reasons", REJECTED),
    (553, "5.7.1", "[BL21] Connections will not be accepted from 192.0.2.1", REJECTED),
    (554, "", "Your access to this mail system has been rejected due to the sending MTA's poor reputation.", REJECTED),
    (550, "", "SC-001 mail rejected by policy", REJECTED),
    (550, "", "발신 서버가 차단되었습니다", REJECTED),
    (553, "5.1.8", "Sender domain does not exist", REJECTED),
    (550, "5.1.0", "Address rejected: Sender address rejected: not owned by user", REJECTED),
    (530, "5.7.0", "Must issue a STARTTLS command first", REJECTED),
    (535, "5.7.8", "Username and Password not accepted", REJECTED),
    (401, "", "Unauthorized", REJECTED),
    (403, "", "The from address does not match a verified sender", REJECTED),
    (552, "5.3.4", "Message size exceeds fixed maximum", FAILED),
    (550, "5.6.0", "Lone CR or LF in body", FAILED),
    (501, "5.5.4", "Invalid parameters", FAILED),
    (422, "", "subject is missing", FAILED),
]


@pytest.mark.parametrize(("code", "enhanced", "text", "meaning"), ANSWERS)
def test_answer_is_blamed_on_the_right_one(code, enhanced, text, meaning):
    assert classify(code, enhanced, text) is meaning


def test_no_temporary_answer_is_ever_final():
    for _, _, text, _ in ANSWERS:
        assert classify(450, "", f"4.1.1 {text}") is DEFERRED


def test_policy_status_of_any_detail_never_blames_the_address():
    for detail in set(range(60)) - {17, 18}:
        assert classify(550, f"5.7.{detail}", "refused") is REJECTED


def test_status_is_found_in_the_text():
    assert enhanced_status("smtp; 550 5.1.1 <a@b.kr> User unknown") == "5.1.1"
    assert enhanced_status("version 15.2.1 of 10.5.1.1") == ""


def test_each_outcome_names_its_event():
    assert {outcome.kind for outcome in Outcome} == {
        "mail.sent", "mail.deferred", "mail.bounced_hard", "mail.bounced_soft", "mail.rejected", "mail.failed",
    }  # fmt: skip
