"""The words for what a text is about: balances, budgets, alerts, digests, causes. See
`bot.language.words`."""

from bot.language.entry import Entry

SUBJECTS: tuple[Entry, ...] = (
    Entry(
        "balance",
        "subject",
        "balance, balances, credit, credits, funds, runway, burn rate, how long, run out, runs "
        "out, running out, run dry, runs dry, be gone, used up, next limit, enough credit, "
        "enough credits, enough money, enough left, need to top up, have to top up, should we "
        "top up, should i top up, do we top up, do i top up, time to top up, need to recharge, "
        "need to refill, last us, how many days are left, how fast, how quickly, our burn, the "
        "burn, my burn, daily burn, burn per day, current burn, going to be empty, be empty, is "
        "empty, become empty, i need to top up, i have to top up, still money, any money, money "
        "is gone, money is there, credit is gone, credits are gone, money gone, credit gone, "
        "credits gone, is gone, are gone, money on the account, money on our account, money in "
        "the account, how much money do we have, how much do "
        "we have, do we have money, enough funds, how quick, burning through, burn through, "
        "topped out, exhausted, depleted, is exhausted, are exhausted, is depleted, is used up, "
        "are used up, be used up, prepaid, dry, out of funds",
        "what is left of a prepaid balance, and until when",
    ),
    Entry(
        "limits",
        "subject",
        "limits, rate limits, spend limits, spending limits, key limits, provider limits, rate "
        "limit, key limit, provider limit, usage limit, usage limits, quota, quotas",
        "what providers let through: used, of how much, and when it resets",
    ),
    Entry(
        "why",
        "subject",
        "why, explain, reason, cause, caused, what changed, what has changed, what happened, "
        "what drove, drove, drives, driver, drivers, driving, whats driving, what is driving, "
        "how come, whats up with, what up with, whats going on, what going on, what is going "
        "on, what made, whats behind, what behind, what is behind, root cause, reasons, causes, "
        "explanation, explanations, contributed, contributing, contributors, to blame, spikes, "
        "anything unusual, anything weird, anything strange, anything odd, weird, strange, odd, "
        "abnormal, outlier, outliers, suspicious, out of the ordinary, wtf happened, what the "
        "hell happened, what happend, what caused, whats wrong with, to blame for, contributor, "
        "due to, because of, what did it, how did it, since when, looks weird, look "
        "weird, looks strange, look strange, looks odd, look odd, looks fishy, weird looking, "
        "weird spend, weird spending, weird costs, weird usage, strange spend, strange "
        "spending, strange costs, odd spend, odd spending, odd costs, abnormal spend, "
        "abnormal spending, suspicious spend, suspicious spending",
        "what changed, and what drove it",
    ),
    Entry("details", "subject", "details, detail, detailed", "all that is known of a change"),
    Entry(
        "forecast",
        "subject",
        "forecast, forecasts, projection, projected, predict, predicted, prediction, estimate, "
        "estimated, expect, expected, on track, on course, end up, will, will we, gonna, going "
        "to, are we going to, are we gonna, by end of month, by the end of the month, by month "
        "end, end of month, end of the month, at the end of the month, eom, run rate, runrate, "
        "on pace, at this pace, at this rate, heading, headed, going to spend, going to cost, "
        "likely, until the end of the month, rest of the month, rest of month, land at, come "
        "out at, would, est",
        "where the month ends",
    ),
    Entry("budget", "subject", "budget, budgets", "planned spend"),
    Entry(
        "cap",
        "subject",
        "cap, limit, ceiling, spending limit, spend limit, cost limit, spending cap, spend cap",
        "a budget, as a verb",
    ),
    Entry("thresholds", "subject", "threshold, thresholds", "percentages of a budget"),
    Entry(
        "alerts",
        "subject",
        "alert, alerts, alarm, alarms, warning, warnings, on fire, anything wrong, incident, "
        "incidents, notification, notifications",
        "what crossed a threshold",
    ),
    Entry(
        "spikes",
        "subject",
        "spike, spikes, unusual, anomaly, anomalies, anomalous, unusual spend, weird spend, weird "
        "spending, weird costs, weird usage, strange spend, strange spending, strange costs, odd "
        "spend, odd spending, odd costs, abnormal spend, abnormal spending, suspicious spend, "
        "suspicious spending, unexpected spend, unexpected spending, unexpected costs",
    ),
    Entry("digest", "subject", "digest, digests, scheduled", "the scheduled report of a channel"),
    Entry(
        "report",
        "subject",
        "report, reports, summary, overview, update, updates, recap, roundup, round-up, rundown, "
        "cost "
        "report, spend report",
    ),
    Entry(
        "export",
        "subject",
        "export, csv, download, spreadsheet, excel, raw data, raw figures, raw numbers, data "
        "dump, dump, xlsx, google sheet, google sheets, sheet, as a file, extract, as files",
        "charges as a file",
    ),
    Entry(
        "statement",
        "subject",
        "statement, statements, month close, close the books, closing the books, closing, "
        "books, month-end close, month end close",
        "a month, to file",
    ),
    Entry("invoice", "subject", "invoice, invoices, invoiced", "what was invoiced for a month"),
    Entry(
        "status",
        "subject",
        "status, health, sync, syncs, sync failed, sync fail, connections, connected, up to "
        "date, out of date, last sync, last "
        "synced, fresh, freshness, version, last updated, working, broken, healthy, how old, "
        "how fresh, how recent, how current, how up to date, last refresh, last refreshed, last "
        "update, refreshed, refresh, stale, outdated, delayed, delay, lagging, lag, did you "
        "sync, last read, synced, syncing, in sync, online, alive, down right now, having "
        "problems, look old, looks old, any errors, any problems, any issues, data delay, up "
        "and running, settled, complete, final, finalized, finalised, provisional, preliminary, "
        "reliable, accurate, running okay, when did you sync, time you synced, last time you "
        "synced, last time synced, refreshed last, how often do you sync, how often is it "
        "updated, how often are the numbers updated, when is it updated, current as of, data "
        "current, numbers current, figures current, data old, numbers old, figures old, data "
        "fresh, live data, data live, real time, realtime, real-time, data from today, how "
        "up-to-date, up-to-date, out-of-date",
        "how fresh the figures are",
    ),
    Entry(
        "expiry",
        "subject",
        "expire, expires, expiring, expired, expiry, about to expire, expiration",
        "when keys, or bought credit, end",
    ),
    Entry(
        "help",
        "subject",
        "help, nothing works, ?, commands, how do i, how do we, how can i, how can we, how do, "
        "how does, how "
        "to, what can you do, what do you do, what can i ask, what can i do, what do you know, "
        "who are you, what are you, what is this, examples, usage examples, what are my "
        "options, what else can you do, how does this work, how do you work, what do i type, "
        "what should i type, tutorial, docs, documentation, manual, instructions, guide, "
        "getting started, get started, i am new, i'm new, im new, new here, what can this bot "
        "do, what can this do, what can it do, what does this bot do, what does this do, what "
        "can you tell me, what can you tell us, how should i, how would i, how would we, how "
        "should we, are you there, anyone there, anybody there, you there, how to use this, how "
        "do you use this, how does it work, menu, features, capabilities, can you help, help "
        "me, help us, help me out, i need help, i'm lost, im lost, lost, confused, i don't "
        "understand, i dont understand, i don't get it, i dont get it, faq, what does this "
        "thing do, what does it do, what is it for, what this for, what can i do here, what is "
        "your purpose, what are you for, what can i ask you, what can i say, what can i type, "
        "what can i type here, what can i write, what to type, what should i say, what can i do "
        "with this, what can i do with you",
        "what can be asked",
    ),
    Entry(
        "compare",
        "subject",
        "compare, comparison, difference between, differences between, gap between, side by side",
        "two periods, providers, projects, models or keys side by side",
    ),
    Entry(
        "permission",
        "subject",
        "who can, who may, who is allowed, who are allowed, who gets to, whos allowed, who has "
        "access, who manages, who is able, allowed to, am i allowed, are we allowed, is "
        "everyone allowed, can everyone, can anyone, can anybody, can everybody, permission, "
        "permissions, my role, my roles, access rights, rights, admin, admins, administrator, "
        "administrators, "
        "manager, managers, who sees, who can see, do i have access, give access, grant, revoke "
        "access, revoke permission, revoke rights, who owns, can others, can other people, can my "
        "team, can guests, access, see "
        "this, see the costs, see our costs, see these numbers, see my costs, see what we, see "
        "our spend, see our spending, see our bill, make me a manager, make me an admin, become "
        "a manager, permission error, not permitted, no permission, refused, why can't i, why "
        "cant i",
        "who may do what",
    ),
    Entry(
        "visibility",
        "subject",
        "visibility, visible, invisible, hide, hides, hidden, hiding, conceal, shouldn't see, "
        "shouldnt see, should not see, must not see, mustn't see, mustnt see, may not see, not "
        "allowed to see, may only see, should only see, can only see, limit what, limit who, "
        "restrict, restricted, confidential, keep secret, can't see, don't i see, dont i see, "
        "can't i see, cant i see, cant see, cannot see, "
        "couldn't see, don't see, dont see, do not see, not visible",
        "who sees what",
    ),
    Entry(
        "connect",
        "subject",
        "connect, connecting, link, linking, integrate, integration, integrations, hook up, "
        "plug in, onboard, disconnect, reconnect, api key for, add a new api key, add a new key, "
        "add an api key, add a key, add api key, enter a key, new api key, admin key, admin api "
        "key, "
        "rotate, where do i put, where do i enter, where do i add, track another, add another "
        "provider, add a provider, add another account, add an account, new provider, another "
        "provider, other providers, more providers, log in, login, sign in, sign up, "
        "credentials, password",
        "how providers are added",
    ),
    Entry(
        "meaning",
        "subject",
        "means, meaning, meant by, definition, define, stands for, stand for, runway mean, burn "
        "rate "
        "mean, provisional mean, final mean, settled mean, stale mean, unattributed mean, "
        "unallocated "
        "mean, not attributed mean, prepaid mean, postpaid mean, anomaly mean, spike mean, digest "
        "mean, threshold mean, it mean, that mean, this mean",
        "what a word means",
    ),
    Entry("unattributed", "subject", "unattributed, unattributable, not attributed"),
    Entry(
        "corrected",
        "condition",
        "wrong, incorrect, not right, isn't right, isnt right, not correct, is off, should be, "
        "should read, actually, in fact",
    ),
    Entry("time zone", "subject", "timezone, time zone, timezones, time zones, tz, clock"),
    Entry(
        "wrong",
        "subject",
        "wrong, incorrect, inaccurate, not right, isn't right, isnt right, not correct, isn't "
        "correct, isnt correct, doesn't match, doesnt match, does not match, don't match, dont "
        "match, do not match, not match, mismatch, doesn't add up, doesnt add up, don't add up, "
        "dont add up, not add up, missing, is empty today, empty today, empty, blank, no data, "
        "no figures, no numbers, no number, no cost, no costs, no costs yet, nothing for, shows "
        "nothing, show nothing, shows zero, show zero, shows 0, "
        "is 0, is zero, unknown, can't be right, cant be right, cannot be right, can't be true, "
        "cant be true, something off, something is off, numbers are off, numbers off, figures "
        "are off, is off, seems off, looks off, look off, seem off, not working, isn't working, "
        "isnt working, doesn't work, doesnt work, does not work, stopped working, bug, buggy, "
        "error, errors, glitch, disagree, disagrees, doesn't agree, doesnt agree, discrepancy, "
        "too low, not updating, not updated, isn't updating, isnt updating, not loading, stuck",
        "what seems wrong with the figures",
    ),
    Entry(
        "control",
        "subject",
        "from charging, stop charging, stop charging us, stop working, stop paying, stop "
        "spending, from using, stop using, from spending, cheaper model, cheaper models, "
        "downgrade, block, throttle, suspend, shut down, shut it down, cut off, disable the "
        "key, disable key, disable this key, disable the api key, turn off the key, switch off "
        "the key, turn off the api key, revoke, leaked, compromised, "
        "stolen, pay the bill, pay our bill, pay the invoice, refund, "
        "refunds",
        "what aicost can't do: it only reads",
    ),
    Entry(
        "buy",
        "subject",
        "buy, top up, topup, top-up, purchase, recharge, refill",
        "buying credit, which aicost can't",
    ),
    Entry(
        "anomalies",
        "subject",
        "spikes, anomalies, anomaly, anomaly alerts, unusual spend, unusual spending, unusual "
        "costs, unusual usage, surprises, outliers, cost spikes, spend spikes, any unusual",
        "unusual spend, as alerts",
    ),
)
