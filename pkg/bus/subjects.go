package bus

import (
	"regexp"
	"strconv"
	"strings"
)

// Role is an agent's name on the bus.
type Role string

// The roles. A role is a token of subjects and the value of the label "agent" of metrics.
const (
	RoleGateway   Role = "gateway"
	RoleManager   Role = "manager"
	RoleCollector Role = "collector"
	RoleAnalyser  Role = "analyser"
	RoleBuilder   Role = "builder"
	// RoleProvisioner applies the topology and does nothing else; it has no subjects of its own.
	RoleProvisioner Role = "provisioner"
)

// Roles returns the roles that take part in a run.
func Roles() []Role {
	return []Role{RoleGateway, RoleManager, RoleCollector, RoleAnalyser, RoleBuilder}
}

// Kinds of events.
const (
	KindStepSucceeded = "step_succeeded" // by a worker: the result of a step
	KindStepFailed    = "step_failed"    // by a worker: a step could not be done
	KindProgress      = "progress"       // by a worker: something to show while a step goes on
	KindState         = "state"          // by the manager: a run entered a state
	KindEnded         = "ended"          // by the manager: a run ended, once a run
)

// Verbs of work.
const (
	VerbUnderstand = "understand" // collector
	VerbCollect    = "collect"    // collector
	VerbAnalyse    = "analyse"    // analyser
	VerbBuild      = "build"      // builder
	VerbStart      = "start"      // manager
	VerbAnswer     = "answer"     // manager
	VerbCancel     = "cancel"     // manager
)

// The grammar is proviso.v1.<plane>.<owner>.<kind>[.<id>]. A token is never added later, since that would break every
// wildcard: a new kind is, or a new major version.
const (
	root = "proviso.v1."

	planeIntent   = root + "intent."
	planeWork     = root + "work."
	planeEvent    = root + "event."
	planeResult   = root + "result."
	planeTimerSet = root + "timer.set."
	planeTimerDue = root + "timer.due."
	planeDLQ      = root + "dlq."
	planeAudit    = root + "audit."
	planeRPC      = root + "rpc."

	// advisoryMaxDeliveries is written by the server when a message was delivered as often as its consumer allows.
	advisoryMaxDeliveries = "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES."
)

var token = regexp.MustCompile(`^[A-Za-z0-9-][A-Za-z0-9_-]{0,63}$`)

// ValidID reports whether an id may become a token of a subject or part of a key: 1 to 64 characters of A–Z, a–z, 0–9, "-"
// and "_", not beginning with "_". Text of people or models never passes here; ids are generated.
func ValidID(id string) bool { return token.MatchString(id) }

// WorkSubject is where a role takes work of one verb.
func WorkSubject(role Role, verb string) string { return planeWork + string(role) + "." + verb }

// WorkOf matches all work of a role.
func WorkOf(role Role) string { return planeWork + string(role) + ".>" }

// ParseWork is the inverse of [WorkSubject].
func ParseWork(subject string) (role Role, verb string, ok bool) {
	owner, verb, ok := two(subject, planeWork)
	return Role(owner), verb, ok
}

// EventSubject is where a role states a fact about a run.
func EventSubject(role Role, kind, run string) string {
	return planeEvent + string(role) + "." + kind + "." + run
}

// EventsOf matches every event of one run.
func EventsOf(run string) string { return planeEvent + "*.*." + run }

// EventKind matches one kind of event of every role and run.
func EventKind(kind string) string { return planeEvent + "*." + kind + ".*" }

// ParseEvent is the inverse of [EventSubject].
func ParseEvent(subject string) (role Role, kind, run string, ok bool) {
	tokens, ok := split(subject, planeEvent, 3)
	if !ok {
		return "", "", "", false
	}
	return Role(tokens[0]), tokens[1], tokens[2], true
}

// ResultSubject is where what came of a run is told to the publisher who asked.
func ResultSubject(publisher, run string) string { return planeResult + publisher + "." + run }

// ResultsOf matches every result for one publisher.
func ResultsOf(publisher string) string { return planeResult + publisher + ".>" }

// ParseResult is the inverse of [ResultSubject].
func ParseResult(subject string) (publisher, run string, ok bool) { return two(subject, planeResult) }

// IntentSubject is where a publisher leaves its intents.
func IntentSubject(publisher string) string { return planeIntent + publisher }

// ParseIntent is the inverse of [IntentSubject].
func ParseIntent(subject string) (publisher string, ok bool) {
	tokens, ok := split(subject, planeIntent, 1)
	if !ok {
		return "", false
	}
	return tokens[0], true
}

// TimerSet is where a timer of a run is set. A later message with another id replaces the timer of that name.
func TimerSet(run, name string) string { return planeTimerSet + run + "." + name }

// TimersOf matches every pending timer of a run.
func TimersOf(run string) string { return planeTimerSet + run + ".>" }

// ParseTimerSet is the inverse of [TimerSet].
func ParseTimerSet(subject string) (run, name string, ok bool) { return two(subject, planeTimerSet) }

// TimerDue is where the server publishes a timer when its moment has come.
func TimerDue(run, name string) string { return planeTimerDue + run + "." + name }

// ParseTimerDue is the inverse of [TimerDue].
func ParseTimerDue(subject string) (run, name string, ok bool) { return two(subject, planeTimerDue) }

// DLQSubject is where dead letters of a role's verb go. For messages that carry no verb it is the plane: "intent", "event",
// "timer".
func DLQSubject(role Role, verb string) string { return planeDLQ + string(role) + "." + verb }

// ParseDLQ is the inverse of [DLQSubject].
func ParseDLQ(subject string) (role Role, verb string, ok bool) {
	owner, verb, ok := two(subject, planeDLQ)
	return Role(owner), verb, ok
}

// AuditSubject is where a role records one entry of a run's audit chain; seq counts from 1. Each entry has a subject of its
// own, so that it can be published only once however late it comes again.
func AuditSubject(role Role, run string, seq int) string {
	return planeAudit + string(role) + "." + run + "." + strconv.Itoa(seq)
}

// AuditOf matches the audit chain of one run.
func AuditOf(run string) string { return planeAudit + "*." + run + ".*" }

// ParseAudit is the inverse of [AuditSubject].
func ParseAudit(subject string) (role Role, run string, seq int, ok bool) {
	tokens, ok := split(subject, planeAudit, 3)
	if !ok {
		return "", "", 0, false
	}
	seq, err := strconv.Atoi(tokens[2])
	if err != nil || seq < 1 || strconv.Itoa(seq) != tokens[2] {
		return "", "", 0, false
	}
	return Role(tokens[0]), tokens[1], seq, true
}

// RPCSubject is where a role answers short idempotent queries. It belongs to no stream.
func RPCSubject(role Role, verb string) string { return planeRPC + string(role) + "." + verb }

// ParseRPC is the inverse of [RPCSubject].
func ParseRPC(subject string) (role Role, verb string, ok bool) {
	owner, verb, ok := two(subject, planeRPC)
	return Role(owner), verb, ok
}

// AdvisorySubject is where the server says that a consumer of a stream gave up on a message.
func AdvisorySubject(stream, consumer string) string {
	return advisoryMaxDeliveries + stream + "." + consumer
}

// SubjectClass returns what a subject is about without any id, for the label "subject_class" of metrics: "work.<verb>",
// "event.<kind>", "intent", "result", "timer", "advisory", "dlq", "audit", "rpc.<verb>", or "other".
func SubjectClass(subject string) string {
	if strings.HasPrefix(subject, advisoryMaxDeliveries) {
		return "advisory"
	}
	rest, ok := strings.CutPrefix(subject, root)
	if !ok {
		return "other"
	}
	tokens := strings.SplitN(rest, ".", 4)
	switch plane := tokens[0]; {
	case (plane == "work" || plane == "event" || plane == "rpc") && len(tokens) >= 3:
		return plane + "." + tokens[2]
	case plane == "intent" || plane == "result" || plane == "timer" || plane == "dlq" || plane == "audit":
		return plane
	default:
		return "other"
	}
}

func two(subject, plane string) (first, second string, ok bool) {
	tokens, ok := split(subject, plane, 2)
	if !ok {
		return "", "", false
	}
	return tokens[0], tokens[1], true
}

// split returns the tokens after a plane if there are exactly n and each is a valid token.
func split(subject, plane string, n int) ([]string, bool) {
	rest, ok := strings.CutPrefix(subject, plane)
	if !ok {
		return nil, false
	}
	tokens := strings.Split(rest, ".")
	if len(tokens) != n {
		return nil, false
	}
	for _, t := range tokens {
		if !ValidID(t) {
			return nil, false
		}
	}
	return tokens, true
}
