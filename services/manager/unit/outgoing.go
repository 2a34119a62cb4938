package manager

import (
	"fmt"
	"strconv"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/wire"
	"proviso.dev/services/manager/internal/saga"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// deadlineTimer is the name of a run's only timer.
const deadlineTimer = "deadline"

// outgoing turns the commands of a transition to run into messages. Their ids are functions of the transition: the latest
// attempt and what is done about it. The memory goes into the work that needs it; nil: nothing is remembered.
func outgoing(run saga.Run, commands []saga.Command, memory *provisov1.SessionMemory) ([]*provisov1.Outgoing, error) {
	last := run.Last()
	id := func(action string) string {
		return fmt.Sprintf("%s.%s.%d.%s", run.ID, last.Step, last.Number, action)
	}
	out := make([]*provisov1.Outgoing, 0, len(commands))
	for _, c := range commands {
		var o *provisov1.Outgoing
		var body proto.Message
		switch c := c.(type) {
		case saga.Changed:
			o = &provisov1.Outgoing{Subject: bus.EventSubject(bus.RoleManager, bus.KindState, run.ID), MsgId: id(string(c.State))}
			body = changed(run)
		case saga.Timer:
			o = &provisov1.Outgoing{
				Subject: bus.TimerSet(run.ID, deadlineTimer),
				// The deadline is in the id: the same timer set again would be taken for a repetition.
				MsgId: id("timer." + strconv.FormatInt(c.Deadline.UnixMilli(), 10)),
				At:    timestamppb.New(c.Deadline),
			}
			body = &provisov1.TimerDue{RunId: run.ID, Name: deadlineTimer, Deadline: timestamppb.New(c.Deadline)}
		case saga.Work:
			o = &provisov1.Outgoing{Subject: bus.WorkSubject(bus.Role(c.Step.Role()), string(c.Step)), MsgId: id("work")}
			body = work(run, c, memory)
		case saga.Audit:
			o = &provisov1.Outgoing{
				Subject: bus.AuditSubject(bus.RoleManager, run.ID, int(c.Entry.GetSeq())),
				MsgId:   run.ID + ".audit." + strconv.Itoa(int(c.Entry.GetSeq())), FirstOnly: true,
			}
			body = c.Entry
		case saga.Ended:
			o = &provisov1.Outgoing{
				Subject: bus.EventSubject(bus.RoleManager, bus.KindEnded, run.ID), MsgId: run.ID + ".ended", FirstOnly: true,
			}
			body = changed(run)
		case saga.Report:
			o = &provisov1.Outgoing{Subject: bus.ResultSubject(c.Publisher, run.ID), MsgId: run.ID + ".result", FirstOnly: true}
			body = result(run)
		default:
			return nil, fmt.Errorf("command %T has no message", c)
		}
		data, err := wire.Encode(body)
		if err != nil {
			return nil, err
		}
		o.Type, o.Body = wire.TypeName(body), string(data)
		out = append(out, o)
	}
	return out, nil
}

// message is the bus's form of one message of a run's outbox.
func message(run saga.Run, o *provisov1.Outgoing) bus.Message {
	m := bus.Message{
		Subject: o.GetSubject(), ID: o.GetMsgId(), Type: o.GetType(), Body: []byte(o.GetBody()), RunID: run.ID,
		FirstOnly: o.GetFirstOnly(), At: saga.Moment(o.GetAt()),
	}
	if _, _, ok := bus.ParseWork(o.GetSubject()); ok {
		m.Attempt = run.Last().Number
	}
	return m
}

func changed(run saga.Run) *provisov1.RunChanged {
	c := &provisov1.RunChanged{
		RunId: run.ID, State: string(run.State), At: timestamppb.New(run.UpdatedAt), Language: &run.Language,
		Questions: saga.QuestionsToContract(run.Questions), Reason: saga.RefusalToContract(run.Reason),
	}
	if run.State == saga.Confirming {
		c.Interpretation = saga.RowsToContract(run.Interpretation)
	}
	return c
}

func result(run saga.Run) *provisov1.RunResult {
	r := &provisov1.RunResult{
		RunId: run.ID, IntentId: run.IntentID(), State: string(run.State), Reason: saga.RefusalToContract(run.Reason),
	}
	if run.State == saga.Delivered {
		r.Manifest, r.Placement, r.Proof, r.Reply = saga.ReferenceToContract(run.Manifest), run.Placement, run.Proof, run.Reply
	}
	return r
}

func work(run saga.Run, w saga.Work, memory *provisov1.SessionMemory) proto.Message {
	item := &provisov1.WorkItem{
		RunId: run.ID, Step: string(w.Step), Attempt: int32(w.Attempt), Deadline: timestamppb.New(w.Deadline),
	}
	if w.Language != "" {
		item.Language = &w.Language
	}
	switch w.Step {
	case saga.Collect:
		return &provisov1.CollectWork{Item: item, Intent: run.Intent, Transcript: transcript(run)}
	case saga.Analyse:
		return &provisov1.AnalyseWork{Item: item, Context: saga.ReferenceToContract(run.Context)}
	case saga.Build:
		return &provisov1.BuildWork{
			Item: item, Plan: saga.ReferenceToContract(run.Plan), Context: saga.ReferenceToContract(run.Context),
		}
	default:
		u := &provisov1.UnderstandWork{
			Item: item, Text: run.Text, Turns: saga.TurnsToContract(run.Turns), Language: item.Language,
			Memory: memory, ModelUse: run.ModelUse,
		}
		if run.Text == "" {
			u.Intent = run.Intent
		}
		return u
	}
}

// maxTurn is the longest text of a turn, in characters.
const maxTurn = 4096

// transcript is the original words and the dialogue after them. Words that are longer than a turn may be take several.
func transcript(run saga.Run) []*provisov1.Turn {
	var turns []*provisov1.Turn
	for words := []rune(run.Text); len(words) > 0; {
		n := min(len(words), maxTurn)
		turns = append(turns, &provisov1.Turn{Text: string(words[:n]), At: timestamppb.New(run.CreatedAt)})
		words = words[n:]
	}
	return append(turns, saga.TurnsToContract(run.Turns)...)
}
