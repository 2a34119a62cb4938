package saga_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	"proviso.dev/services/manager/internal/saga"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// Shows: T-C.2-02, T-3.3.5-114, T-4.7.4-05
func TestStep(t *testing.T) {
	yes, no := saga.Answer{ID: "confirm", Text: "oui"}, saga.Answer{ID: "confirm", Text: "non"}
	name := saga.Answer{ID: "vm1.name", Text: "web"}
	tests := map[string]struct {
		reason string
		given  []saga.Message
		msg    saga.Message
		want   view
		cmds   []saga.Command
	}{
		"Start": {
			reason: "Every request goes to understanding first, in the language the agent finds when none was asked for.",
			msg:    start(0),
			want:   view{State: saga.Understanding, Attempts: []string{"understand/1 running"}, Deadline: deadline(60)},
			cmds: []saga.Command{
				saga.Changed{State: saga.Understanding}, saga.Timer{Deadline: deadline(60)}, work(saga.Understand, 1, 60, ""),
			},
		},
		"StartTwice": {
			reason: "A door that repeats its message must not begin the run again.",
			given:  []saga.Message{start(0)},
			msg:    start(1),
			want:   view{State: saga.Understanding, Attempts: []string{"understand/1 running"}, Deadline: deadline(60)},
		},
		"Refused": {
			reason: "What cannot be served ends with the agent's reason and one result.",
			given:  []saga.Message{start(0)},
			msg:    done(1, 1, saga.Understood{Language: "fr", Refusal: &saga.Refusal{Code: "off_topic", Message: "Non."}}),
			want:   view{State: saga.Refused, Attempts: []string{"understand/1 succeeded"}, Reason: "off_topic"},
			cmds:   ended(saga.Refused),
		},
		"Questions": {
			reason: "What is missing is asked; the pending timer of the step moves on by itself, so none is set.",
			given:  []saga.Message{start(0)},
			msg:    asks(1, 1, "vm1.name", "vm1.source"),
			want: view{
				State: saga.Clarifying, Attempts: []string{"understand/1 succeeded"}, Open: []string{"vm1.name", "vm1.source"}, Deadline: deadline(1 + day),
			},
			cmds: []saga.Command{saga.Changed{State: saga.Clarifying}},
		},
		"QuestionKnownBeforehand": {
			reason: "An answer that came with the request settles its question without asking; others stay for later.",
			given:  []saga.Message{start(0, name, yes)},
			msg:    asks(1, 1, "vm1.name", "vm1.source"),
			want: view{
				State: saga.Understanding, Attempts: []string{"understand/1 succeeded", "understand/2 running"},
				Turns: []string{"vm1.name=web"}, Known: []saga.Answer{yes}, Deadline: deadline(61),
			},
			cmds: []saga.Command{work(saga.Understand, 2, 61, "fr")},
		},
		"KnownAnswerNotAccepted": {
			reason: "A known answer is used once: when the agent asks again, the requester is asked.",
			given:  []saga.Message{start(0, name), asks(1, 1, "vm1.name")},
			msg:    asks(2, 2, "vm1.name"),
			want: view{
				State: saga.Clarifying, Attempts: []string{"understand/1 succeeded", "understand/2 succeeded"}, Turns: []string{"vm1.name=web"},
				Open: []string{"vm1.name"}, Deadline: deadline(2 + day),
			},
			cmds: []saga.Command{saga.Changed{State: saga.Clarifying}},
		},
		"Answer": {
			reason: "An answer is free text: the agent understands it. The wait is counted apart, and the wait's timer is replaced.",
			given:  []saga.Message{start(0), asks(1, 1, "vm1.name")},
			msg:    answers(31, "m1", name),
			want: view{
				State: saga.Understanding, Attempts: []string{"understand/1 succeeded", "understand/2 running"}, Turns: []string{"vm1.name=web"},
				Deadline: deadline(91), Waited: 30 * time.Second,
			},
			cmds: []saga.Command{
				saga.Changed{State: saga.Understanding}, saga.Timer{Deadline: deadline(91)}, work(saga.Understand, 2, 91, "fr"),
			},
		},
		"AnswerToClosedQuestion": {
			reason: "An answer to a question that is not open must not enter the dialogue.",
			given:  []saga.Message{start(0), asks(1, 1, "vm1.name")},
			msg:    answers(2, "m1", saga.Answer{ID: "vm1.source", Text: "100"}),
			want: view{
				State: saga.Clarifying, Attempts: []string{"understand/1 succeeded"}, Open: []string{"vm1.name"}, Deadline: deadline(1 + day),
			},
		},
		"AnswerTwice": {
			reason: "A redelivered answer must not be taken for an answer to the question of the next round.",
			given:  []saga.Message{start(0), asks(1, 1, "vm1.name"), answers(2, "m1", name), asks(3, 2, "vm1.name")},
			msg:    answers(4, "m1", name),
			want: view{
				State: saga.Clarifying, Attempts: []string{"understand/1 succeeded", "understand/2 succeeded"}, Turns: []string{"vm1.name=web"},
				Open: []string{"vm1.name"}, Deadline: deadline(3 + day), Waited: time.Second,
			},
		},
		"Complete": {
			reason: "A complete intent is shown before anybody collects.",
			given:  []saga.Message{start(0)},
			msg:    complete(1, 1, 2, ""),
			want: view{
				State: saga.Confirming, Attempts: []string{"understand/1 succeeded"}, Open: []string{"confirm"}, Deadline: deadline(1 + day),
			},
			cmds: []saga.Command{saga.Changed{State: saga.Confirming}},
		},
		"CompleteAndWaived": {
			reason: "A caller who waived the confirmation is not asked.",
			given:  []saga.Message{confirmed(0)},
			msg:    complete(1, 1, 2, ""),
			want: view{
				State: saga.Collecting, Attempts: []string{"understand/1 succeeded", "collect/1 running"}, Deadline: deadline(61),
			},
			cmds: []saga.Command{saga.Changed{State: saga.Collecting}, work(saga.Collect, 1, 61, "fr")},
		},
		"YesBeforeTheTable": {
			reason: "An agent that claims a yes to a question that was never put must not start the collection.",
			given:  []saga.Message{start(0)},
			msg:    complete(1, 1, 2, "yes"),
			want: view{
				State: saga.Confirming, Attempts: []string{"understand/1 succeeded"}, Open: []string{"confirm"}, Deadline: deadline(1 + day),
			},
			cmds: []saga.Command{saga.Changed{State: saga.Confirming}},
		},
		"Yes": {
			reason: "A yes to the unchanged table starts the collection.",
			given:  []saga.Message{start(0), complete(1, 1, 2, ""), answers(2, "m1", yes)},
			msg:    complete(3, 2, 2, "yes"),
			want: view{
				State: saga.Collecting, Attempts: []string{"understand/1 succeeded", "understand/2 succeeded", "collect/1 running"},
				Turns: []string{"confirm=oui"}, Deadline: deadline(63), Waited: time.Second,
			},
			cmds: []saga.Command{saga.Changed{State: saga.Collecting}, work(saga.Collect, 1, 63, "fr")},
		},
		"YesKnownBeforehand": {
			reason: "A yes that came with the request is used when the table is ready, not before.",
			given:  []saga.Message{start(0, yes)},
			msg:    complete(1, 1, 2, ""),
			want: view{
				State: saga.Understanding, Attempts: []string{"understand/1 succeeded", "understand/2 running"}, Turns: []string{"confirm=oui"}, Deadline: deadline(61),
			},
			cmds: []saga.Command{work(saga.Understand, 2, 61, "fr")},
		},
		"YesToAChangedTable": {
			reason: "A yes holds for what was shown; when the intent changed meanwhile, the new table is shown.",
			given:  []saga.Message{start(0), complete(1, 1, 2, ""), answers(2, "m1", yes)},
			msg:    complete(3, 2, 4, "yes"),
			want: view{
				State: saga.Confirming, Attempts: []string{"understand/1 succeeded", "understand/2 succeeded"}, Turns: []string{"confirm=oui"},
				Open: []string{"confirm"}, Deadline: deadline(3 + day), Waited: time.Second,
			},
			cmds: []saga.Command{saga.Changed{State: saga.Confirming}},
		},
		"YesToAHiddenChange": {
			reason: "A change that the table does not show was not confirmed either.",
			given:  []saga.Message{start(0), complete(1, 1, 2, ""), answers(2, "m1", yes)},
			msg: done(3, 2, saga.Understood{
				Language: "fr", Intent: web(4), Interpretation: rows(2), Confirmation: "yes",
			}),
			want: view{
				State: saga.Confirming, Attempts: []string{"understand/1 succeeded", "understand/2 succeeded"}, Turns: []string{"confirm=oui"},
				Open: []string{"confirm"}, Deadline: deadline(3 + day), Waited: time.Second,
			},
			cmds: []saga.Command{saga.Changed{State: saga.Confirming}},
		},
		"YesToATypedIntentThatChanged": {
			reason: "A typed intent stays as received, so its table tells whether what was confirmed is what comes now.",
			given: []saga.Message{
				saga.Start{Now: at(0), Requester: saga.Requester{Door: "intent", Publisher: "shop"}, Intent: web(1)},
				complete(1, 1, 2, ""), answers(2, "m1", yes),
			},
			msg: complete(3, 2, 4, "yes"),
			want: view{
				State: saga.Confirming, Attempts: []string{"understand/1 succeeded", "understand/2 succeeded"}, Turns: []string{"confirm=oui"},
				Open: []string{"confirm"}, Deadline: deadline(3 + day), Waited: time.Second,
			},
			cmds: []saga.Command{saga.Changed{State: saga.Confirming}},
		},
		"KnownAnswersNotNeeded": {
			reason: "When the dialogue is over, answers to questions that never came are forgotten.",
			given:  []saga.Message{start(0, name, yes), complete(1, 1, 2, "")},
			msg:    complete(2, 2, 2, "yes"),
			want: view{
				State: saga.Collecting, Attempts: []string{"understand/1 succeeded", "understand/2 succeeded", "collect/1 running"},
				Turns: []string{"confirm=oui"}, Deadline: deadline(62),
			},
			cmds: []saga.Command{saga.Changed{State: saga.Collecting}, work(saga.Collect, 1, 62, "fr")},
		},
		"Correction": {
			reason: "A correction in words shows the corrected table.",
			given:  []saga.Message{start(0), complete(1, 1, 2, ""), answers(2, "m1", saga.Answer{ID: "confirm", Text: "non, 4 cœurs"})},
			msg:    complete(3, 2, 4, "correction"),
			want: view{
				State: saga.Confirming, Attempts: []string{"understand/1 succeeded", "understand/2 succeeded"}, Turns: []string{"confirm=non, 4 cœurs"},
				Open: []string{"confirm"}, Deadline: deadline(3 + day), Waited: time.Second,
			},
			cmds: []saga.Command{saga.Changed{State: saga.Confirming}},
		},
		"NeitherYesNorNo": {
			reason: "Nothing but a yes confirms: an answer that means nothing shows the same table again.",
			given:  []saga.Message{start(0), complete(1, 1, 2, ""), answers(2, "m1", saga.Answer{ID: "confirm", Text: "peut-être"})},
			msg:    complete(3, 2, 2, ""),
			want: view{
				State: saga.Confirming, Attempts: []string{"understand/1 succeeded", "understand/2 succeeded"}, Turns: []string{"confirm=peut-être"},
				Open: []string{"confirm"}, Deadline: deadline(3 + day), Waited: time.Second,
			},
			cmds: []saga.Command{saga.Changed{State: saga.Confirming}},
		},
		"No": {
			reason: "A no ends the run.",
			given:  []saga.Message{start(0), complete(1, 1, 2, ""), answers(2, "m1", no)},
			msg:    complete(3, 2, 2, "no"),
			want: view{
				State: saga.Cancelled, Attempts: []string{"understand/1 succeeded", "understand/2 succeeded"}, Turns: []string{"confirm=non"},
				Waited: time.Second, Reason: "cancelled",
			},
			cmds: ended(saga.Cancelled),
		},
		"Collected": {
			reason: "The context goes to the analyser by reference.",
			given:  []saga.Message{confirmed(0), complete(1, 1, 2, "")},
			msg:    collected(2),
			want: view{
				State: saga.Analysing, Attempts: []string{"understand/1 succeeded", "collect/1 succeeded", "analyse/1 running"}, Deadline: deadline(62),
			},
			cmds: []saga.Command{saga.Changed{State: saga.Analysing}, work(saga.Analyse, 1, 62, "fr")},
		},
		"NotFeasible": {
			reason: "A request that does not fit is refused, not failed.",
			given:  []saga.Message{confirmed(0), complete(1, 1, 2, ""), collected(2)},
			msg:    done(3, 1, saga.Analysed{Refusal: &saga.Refusal{Code: "no_capacity", Message: "Pas de place."}}),
			want: view{
				State: saga.Refused, Attempts: []string{"understand/1 succeeded", "collect/1 succeeded", "analyse/1 succeeded"}, Reason: "no_capacity",
			},
			cmds: ended(saga.Refused),
		},
		"Analysed": {
			reason: "Building has the long deadline.",
			given:  []saga.Message{confirmed(0), complete(1, 1, 2, ""), collected(2)},
			msg:    analysed(3),
			want: view{
				State: saga.Building, Attempts: []string{"understand/1 succeeded", "collect/1 succeeded", "analyse/1 succeeded", "build/1 running"},
				Deadline: deadline(3 + 15*60),
			},
			cmds: []saga.Command{saga.Changed{State: saga.Building}, work(saga.Build, 1, 3+15*60, "fr")},
		},
		"Built": {
			reason: "A manifest with its proof is delivered.",
			given:  []saga.Message{confirmed(0), complete(1, 1, 2, ""), collected(2), analysed(3)},
			msg:    built(4),
			want: view{
				State: saga.Delivered, Attempts: []string{"understand/1 succeeded", "collect/1 succeeded", "analyse/1 succeeded", "build/1 succeeded"},
			},
			cmds: ended(saga.Delivered),
		},
		"ProofFailed": {
			reason: "A manifest whose proof failed is never delivered, even if the builder hands it over.",
			given:  []saga.Message{confirmed(0), complete(1, 1, 2, ""), collected(2), analysed(3)},
			msg:    done(4, 1, saga.Built{Manifest: ref("manifest"), Proof: &provisov1.Proof{Status: "failed"}}),
			want: view{
				State: saga.Failed, Attempts: []string{"understand/1 succeeded", "collect/1 succeeded", "analyse/1 succeeded", "build/1 succeeded"}, Reason: "proof_failed",
			},
			cmds: ended(saga.Failed),
		},
		"ResultOfTheWrongStep": {
			reason: "A result that is not of its step is an agent's mistake; asking again would only repeat it.",
			given:  []saga.Message{confirmed(0), complete(1, 1, 2, "")},
			msg:    saga.StepSucceeded{Now: at(2), Step: saga.Collect, Attempt: 1, Result: saga.Analysed{Plan: ref("plan")}},
			want:   view{State: saga.Failed, Attempts: []string{"understand/1 succeeded", "collect/1 failed"}, Reason: "invalid_result"},
			cmds:   ended(saga.Failed),
		},
		"StaleResult": {
			reason: "The result of an attempt that was given up must not overtake the one that runs.",
			given:  []saga.Message{start(0), saga.DeadlinePassed{Now: at(60), Deadline: deadline(60)}},
			msg:    complete(61, 1, 2, ""),
			want:   view{State: saga.Understanding, Attempts: []string{"understand/1 abandoned", "understand/2 running"}, Deadline: deadline(120)},
		},
		"FailedOnce": {
			reason: "The second attempt follows at once; the pending timer fires before its deadline and moves on.",
			given:  []saga.Message{start(0)},
			msg:    failed(1, saga.Understand, 1, true),
			want:   view{State: saga.Understanding, Attempts: []string{"understand/1 failed", "understand/2 running"}, Deadline: deadline(61)},
			cmds:   []saga.Command{work(saga.Understand, 2, 61, "fr")},
		},
		"FailedTwice": {
			reason: "The third attempt waits a moment, and needs a timer before the pending one.",
			given:  []saga.Message{start(0), failed(1, saga.Understand, 1, true)},
			msg:    failed(2, saga.Understand, 2, true),
			want:   view{State: saga.Understanding, Attempts: []string{"understand/1 failed", "understand/2 failed"}, Deadline: deadline(4)},
			cmds:   []saga.Command{saga.Timer{Deadline: deadline(4)}},
		},
		"PauseOver": {
			reason: "The timer that ended the pause is gone: the last attempt needs its own.",
			given:  []saga.Message{start(0), failed(1, saga.Understand, 1, true), failed(2, saga.Understand, 2, true)},
			msg:    saga.DeadlinePassed{Now: at(5), Deadline: deadline(4)},
			want: view{
				State: saga.Understanding, Attempts: []string{"understand/1 failed", "understand/2 failed", "understand/3 running"}, Deadline: deadline(65),
			},
			cmds: []saga.Command{saga.Timer{Deadline: deadline(65)}, work(saga.Understand, 3, 65, "fr")},
		},
		"FailedThrice": {
			reason: "After three attempts the run fails with the agent's own reason.",
			given: []saga.Message{
				start(0), failed(1, saga.Understand, 1, true), failed(2, saga.Understand, 2, true), saga.DeadlinePassed{Now: at(5), Deadline: deadline(4)},
			},
			msg: failed(6, saga.Understand, 3, true),
			want: view{
				State: saga.Failed, Attempts: []string{"understand/1 failed", "understand/2 failed", "understand/3 failed"}, Reason: "pve_down",
			},
			cmds: ended(saga.Failed),
		},
		"FailedForGood": {
			reason: "What trying again cannot mend is not tried again.",
			given:  []saga.Message{start(0)},
			msg:    failed(1, saga.Understand, 1, false),
			want:   view{State: saga.Failed, Attempts: []string{"understand/1 failed"}, Reason: "pve_down"},
			cmds:   ended(saga.Failed),
		},
		"AttemptsCountAfreshAfterSuccess": {
			reason: "A failure in an earlier round must not shorten the patience of this one.",
			given:  []saga.Message{start(0), failed(1, saga.Understand, 1, true), asks(2, 2, "vm1.name"), answers(3, "m1", name)},
			msg:    failed(4, saga.Understand, 3, true),
			want: view{
				State: saga.Understanding, Attempts: []string{"understand/1 failed", "understand/2 succeeded", "understand/3 failed", "understand/4 running"},
				Turns: []string{"vm1.name=web"}, Deadline: deadline(64), Waited: time.Second,
			},
			cmds: []saga.Command{work(saga.Understand, 4, 64, "fr")},
		},
		"TimedOut": {
			reason: "An agent that is silent past the deadline is asked again; its late result is stale by its attempt.",
			given:  []saga.Message{start(0)},
			msg:    saga.DeadlinePassed{Now: at(60), Deadline: deadline(60)},
			want:   view{State: saga.Understanding, Attempts: []string{"understand/1 abandoned", "understand/2 running"}, Deadline: deadline(120)},
			cmds:   []saga.Command{saga.Timer{Deadline: deadline(120)}, work(saga.Understand, 2, 120, "fr")},
		},
		"EarlyDeadline": {
			reason: "A timer that fires before its deadline must not take the attempt away from its agent.",
			given:  []saga.Message{start(0)},
			msg:    saga.DeadlinePassed{Now: at(59), Deadline: deadline(60)},
			want:   view{State: saga.Understanding, Attempts: []string{"understand/1 running"}, Deadline: deadline(60)},
		},
		"EarlierDeadline": {
			reason: "The timer of an earlier step says nothing about this one.",
			given:  []saga.Message{confirmed(0), complete(1, 1, 2, "")},
			msg:    saga.DeadlinePassed{Now: at(60), Deadline: deadline(60)},
			want:   view{State: saga.Collecting, Attempts: []string{"understand/1 succeeded", "collect/1 running"}, Deadline: deadline(61)},
		},
		"Expired": {
			reason: "Silence ends the run; it never confirms.",
			given:  []saga.Message{start(0), complete(1, 1, 2, "")},
			msg:    saga.DeadlinePassed{Now: at(1 + day), Deadline: deadline(1 + day)},
			want:   view{State: saga.Expired, Attempts: []string{"understand/1 succeeded"}, Waited: 24 * time.Hour, Reason: "expired"},
			cmds:   ended(saga.Expired),
		},
		"AnswerAfterExpiry": {
			reason: "A late answer must not revive a run that the requester was told has expired.",
			given:  []saga.Message{start(0), complete(1, 1, 2, ""), saga.DeadlinePassed{Now: at(1 + day), Deadline: deadline(1 + day)}},
			msg:    answers(2+day, "m1", yes),
			want:   view{State: saga.Expired, Attempts: []string{"understand/1 succeeded"}, Waited: 24 * time.Hour, Reason: "expired"},
		},
		"CancelWhileBusy": {
			reason: "A cancelled run gives its attempt up; the agent's late result is stale.",
			given:  []saga.Message{confirmed(0), complete(1, 1, 2, "")},
			msg:    saga.Cancel{Now: at(2), ID: "c1"},
			want:   view{State: saga.Cancelled, Attempts: []string{"understand/1 succeeded", "collect/1 abandoned"}, Reason: "cancelled"},
			cmds:   ended(saga.Cancelled),
		},
		"CancelWhileWaiting": {
			reason: "The wait until the cancellation was the requester's.",
			given:  []saga.Message{start(0), complete(1, 1, 2, "")},
			msg:    saga.Cancel{Now: at(4), ID: "c1"},
			want:   view{State: saga.Cancelled, Attempts: []string{"understand/1 succeeded"}, Waited: 3 * time.Second, Reason: "cancelled"},
			cmds:   ended(saga.Cancelled),
		},
		"CancelAfterDelivery": {
			reason: "An end is final.",
			given:  []saga.Message{confirmed(0), complete(1, 1, 2, ""), collected(2), analysed(3), built(4)},
			msg:    saga.Cancel{Now: at(5), ID: "c1"},
			want: view{
				State: saga.Delivered, Attempts: []string{"understand/1 succeeded", "collect/1 succeeded", "analyse/1 succeeded", "build/1 succeeded"},
			},
		},
		"DialogueTooLong": {
			reason: "What a requester says is bounded, so that the run's document is.",
			given:  []saga.Message{start(0), asks(1, 1, "a", "b", "c", "d")},
			msg: answers(2, "m1", saga.Answer{ID: "a", Text: long(4096)}, saga.Answer{ID: "b", Text: long(4096)},
				saga.Answer{ID: "c", Text: long(4096)}, saga.Answer{ID: "d", Text: "x"}),
			want: view{State: saga.Refused, Attempts: []string{"understand/1 succeeded"}, Waited: time.Second, Reason: "dialogue_too_long"},
			cmds: ended(saga.Refused),
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			given := fold(t, tc.given)
			before := saga.ToContract(given)
			got, cmds := saga.Step(given, tc.msg)
			if diff := cmp.Diff(tc.want, viewOf(got)); diff != "" {
				t.Errorf("%s\nrun (-want +got):\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(tc.cmds, unaudited(cmds)); diff != "" {
				t.Errorf("%s\ncommands (-want +got):\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(before, saga.ToContract(given), protocmp.Transform()); diff != "" {
				t.Errorf("Step changed the run it was given (-before +after):\n%s", diff)
			}
		})
	}
}

func long(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = 'x'
	}
	return string(b)
}

// Shows: T-3.3.5-114
func TestRoundsAreBounded(t *testing.T) {
	r := fold(t, []saga.Message{start(0)})
	for round := 1; round <= saga.MaxRounds; round++ {
		for _, m := range []saga.Message{
			asks(round, round, "vm1.name"),
			answers(round, fmt.Sprintf("m%d", round), saga.Answer{ID: "vm1.name", Text: "?"}),
		} {
			if r, _ = saga.Step(r, m); r.State.Ended() {
				t.Fatalf("round %d ended the run: %v", round, r.Reason)
			}
		}
	}
	r, _ = saga.Step(r, asks(99, saga.MaxRounds+1, "vm1.name"))
	if r.State != saga.Refused || r.Reason.Code != saga.CodeTooManyRounds {
		t.Errorf("after %d answers: state %s, reason %v; want a refusal", saga.MaxRounds, r.State, r.Reason)
	}
}

func TestTypedIntentKeepsItsWords(t *testing.T) {
	typed := saga.Start{Now: at(0), Requester: saga.Requester{Door: "intent", Publisher: "shop"}, Intent: web(1)}
	r := fold(t, []saga.Message{typed, complete(1, 1, 2, "")})
	if got := r.Intent.GetVirtualMachines()[0].GetCores(); got != 1 {
		t.Errorf("while the dialogue lasts the intent has %d cores, want the publisher's 1", got)
	}
	r, _ = saga.Step(r, answers(2, "m1", saga.Answer{ID: "confirm", Text: "oui"}))
	r, _ = saga.Step(r, complete(3, 2, 2, "yes"))
	if r.State != saga.Collecting || r.Intent.GetVirtualMachines()[0].GetCores() != 2 {
		t.Errorf("after the yes: state %s with %v, want collecting with the completed intent", r.State, r.Intent)
	}
}

// Shows: T-0-05
func TestTimesAreKeptApart(t *testing.T) {
	r := fold(t, []saga.Message{
		start(0), complete(2, 1, 2, ""), answers(102, "m1", saga.Answer{ID: "confirm", Text: "oui"}), complete(103, 2, 2, "yes"),
		collected(106), analysed(107), built(117),
	})
	type span struct {
		Step        saga.StepName
		Took, Agent time.Duration
	}
	var got []span
	for _, a := range r.Attempts {
		got = append(got, span{a.Step, a.FinishedAt.Sub(a.StartedAt), a.Worked})
	}
	agent := 5 * time.Millisecond
	want := []span{
		{saga.Understand, 2 * time.Second, agent}, {saga.Understand, time.Second, agent}, {saga.Collect, 3 * time.Second, agent},
		{saga.Analyse, time.Second, agent}, {saga.Build, 10 * time.Second, agent},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("times per step (-want +got):\n%s", diff)
	}
	if r.Waited != 100*time.Second || r.Worked() != 17*time.Second {
		t.Errorf("waited %v and worked %v, want 100 s for people and 17 s for agents", r.Waited, r.Worked())
	}
}

// A manager that loses a race steps from the same run again; the first outcome must not show through the second.
func TestStepsFromOneRunAreApart(t *testing.T) {
	paused := fold(t, []saga.Message{start(0), failed(1, saga.Understand, 1, true), failed(2, saga.Understand, 2, true)})
	paused.Attempts = slices.Grow(paused.Attempts, 1)
	first, _ := saga.Step(paused, saga.DeadlinePassed{Now: at(5), Deadline: deadline(4)})
	second, _ := saga.Step(paused, saga.DeadlinePassed{Now: at(6), Deadline: deadline(4)})
	if got := first.Last().StartedAt; !got.Equal(deadline(5)) {
		t.Errorf("the first attempt started at %v after the second was made, want second 5", got)
	}
	if got := second.Last().StartedAt; !got.Equal(deadline(6)) {
		t.Errorf("the second attempt started at %v, want second 6", got)
	}
}

func TestTimerMovesOn(t *testing.T) {
	tests := map[string]struct {
		reason string
		given  []saga.Message
		fired  time.Time
		want   bool
	}{
		"LaterStep":    {"The run went on to a step with a later deadline.", []saga.Message{confirmed(0), complete(1, 1, 2, "")}, deadline(60), true},
		"Current":      {"The deadline is the run's own: it has passed.", []saga.Message{start(0)}, deadline(60), false},
		"EarlierPause": {"A timer for the earlier moment is set already.", []saga.Message{start(0), failed(1, saga.Understand, 1, true), failed(2, saga.Understand, 2, true)}, deadline(61), false},
		"Ended":        {"Nothing is left to bound.", []saga.Message{start(0), failed(1, saga.Understand, 1, false)}, deadline(60), false},
		"Unknown":      {"A run that nobody asked for has no deadline.", nil, deadline(60), false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			r := fold(t, tc.given)
			timer, ok := r.MovedOn(saga.DeadlinePassed{Now: saga.Now(tc.fired), Deadline: tc.fired})
			if ok != tc.want || (ok && !timer.Deadline.Equal(r.Deadline)) {
				t.Errorf("%s\nMovedOn = %v, %v; want %v at the run's deadline", tc.reason, timer, ok, tc.want)
			}
		})
	}
}

func TestContractKeepsTheRun(t *testing.T) {
	for name, ms := range map[string][]saga.Message{
		"Waiting":   {start(0, saga.Answer{ID: "vm9.name", Text: "later"}), asks(1, 1, "vm1.name")},
		"Delivered": {confirmed(0), complete(1, 1, 2, ""), collected(2), analysed(3), built(4)},
		"Failed":    {start(0), failed(1, saga.Understand, 1, false)},
		"Refused":   {start(0), done(1, 1, saga.Understood{Language: "fr", Refusal: &saga.Refusal{Code: "off_topic", Message: "Non."}})},
		"Expired":   {start(0), complete(1, 1, 2, ""), saga.DeadlinePassed{Now: at(1 + day), Deadline: deadline(1 + day)}},
		"Replied":   {inSession(0), done(1, 1, replied())},
		"Answered":  {start(0), complete(1, 1, 2, ""), answers(2, "m1", saga.Answer{ID: "confirm", Text: "oui"})},
	} {
		t.Run(name, func(t *testing.T) {
			want := fold(t, ms)
			got := saga.FromContract(saga.ToContract(want))
			// Kept beside the run, in its record.
			got.Applied = want.Applied
			got.Known = saga.AnswersFromContract(saga.AnswersToContract(want.Known))
			got.AuditHead, got.Suspected = want.AuditHead, want.Suspected
			if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
				t.Errorf("the run changed on its way through the contract (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOverflow(t *testing.T) {
	r := fold(t, []saga.Message{confirmed(0), complete(1, 1, 2, ""), collected(2), analysed(3)})
	r.Text, r.Turns = long(16<<10), []saga.Turn{{Text: long(4096), At: zero}}
	got, cmds := saga.Overflow(r, nil, r.AuditHead)
	want := view{
		State: saga.Failed, Reason: "too_large",
		Attempts: []string{"understand/1 succeeded", "collect/1 succeeded", "analyse/1 succeeded", "build/1 abandoned"},
	}
	if diff := cmp.Diff(want, viewOf(got)); diff != "" {
		t.Errorf("run (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(ended(saga.Failed), unaudited(cmds)); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
	if len(got.Text) > 256 || got.IntentID() != "" {
		t.Errorf("kept %d bytes of text and intent id %q, want the beginning of the words and no id", len(got.Text), got.IntentID())
	}
}

func TestShrinkKeepsWhatTheRunShows(t *testing.T) {
	r := fold(t, []saga.Message{confirmed(0), complete(1, 1, 2, ""), collected(2)})
	r.Placement = []*provisov1.PlacementDecision{{Guest: "web", Node: "pve1", Reason: "free", Nodes: []*provisov1.NodeAssessment{{Node: "pve1"}, {Node: "pve2"}}}}
	r.Proof = &provisov1.Proof{Status: "validated", Stages: []*provisov1.Stage{{Name: "parse", Status: "passed", Findings: []*provisov1.Finding{{Rule: "PMX049"}}}}}
	got := saga.Shrink(r)
	want := r
	want.Placement = []*provisov1.PlacementDecision{{Guest: "web", Node: "pve1", Reason: "free"}}
	want.Proof = &provisov1.Proof{Status: "validated", Stages: []*provisov1.Stage{{Name: "parse", Status: "passed"}}}
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("run (-want +got):\n%s", diff)
	}
	if len(r.Placement[0].GetNodes()) != 2 || len(r.Proof.GetStages()[0].GetFindings()) != 1 {
		t.Error("Shrink changed the run it was given")
	}
}

func TestAheadAndProves(t *testing.T) {
	tests := map[string]struct {
		reason        string
		given         []saga.Message
		msg           saga.Message
		ahead, proves bool
	}{
		"Awaited": {"The result that the run waits for.", []saga.Message{confirmed(0), complete(1, 1, 2, "")}, collected(2), false, true},
		"FailureAwaited": {
			"A failure proves as much as a success that the work was published.",
			[]saga.Message{start(0)}, failed(1, saga.Understand, 1, true), false, true,
		},
		"Past":         {"The result of an earlier attempt.", []saga.Message{start(0), failed(1, saga.Understand, 1, true)}, complete(2, 1, 2, ""), false, false},
		"NextStep":     {"A result can overtake only an old copy of the run.", []saga.Message{start(0)}, collected(1), true, false},
		"NextAttempt":  {"So can a failure.", []saga.Message{start(0)}, failed(1, saga.Understand, 2, true), true, false},
		"BeforeStart":  {"A cancellation may overtake its request in the queue.", nil, saga.Cancel{Now: at(0), ID: "c"}, true, false},
		"AfterTheEnd":  {"Nothing is ahead of an end.", []saga.Message{start(0), failed(1, saga.Understand, 1, false)}, collected(2), false, false},
		"AnotherStart": {"A start is never ahead: it is the first.", nil, start(0), false, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			r := fold(t, tc.given)
			if ahead, proves := r.Ahead(tc.msg), r.Proves(tc.msg); ahead != tc.ahead || proves != tc.proves {
				t.Errorf("%s\nahead %v, proves %v; want %v, %v", tc.reason, ahead, proves, tc.ahead, tc.proves)
			}
		})
	}
}

// TestRefusedWithPlan guards that a plan which no dialect writes is kept on the run, so that it can be shown.
func TestRefusedWithPlan(t *testing.T) {
	r := fold(t, []saga.Message{
		confirmed(0), complete(1, 1, 2, ""), collected(2),
		done(3, 1, saga.Analysed{Plan: ref("plan"), Refusal: &saga.Refusal{Code: "workload_unsupported", Message: "Planifié."}}),
	})
	if r.State != saga.Refused || r.Reason == nil || r.Reason.Code != "workload_unsupported" {
		t.Fatalf("run ends %s with %v, want refused", r.State, r.Reason)
	}
	if r.Plan == nil || r.Plan.Digest != ref("plan").Digest {
		t.Errorf("plan is %v, want the analyser's", r.Plan)
	}
}
