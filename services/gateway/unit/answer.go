package gateway

import (
	"crypto/rand"
	"net/http"
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// questionConfirm is the id of the question whether the interpretation is right.
const questionConfirm = "confirm"

// answersBody is the body of POST /v1/runs/{id}/answers.
type answersBody struct {
	Answers []answerBody `json:"answers"`
}

// confirmBody is the body of POST /v1/runs/{id}/confirm: yes, no, or a correction in words.
type confirmBody struct {
	Answer string `json:"answer"`
}

func (d *door) answerRun(w http.ResponseWriter, r *http.Request) error {
	var body answersBody
	if _, err := readBody(w, r, &body, false); err != nil {
		return err
	}
	return d.answer(w, r, body.Answers)
}

func (d *door) confirmRun(w http.ResponseWriter, r *http.Request) error {
	var body confirmBody
	if _, err := readBody(w, r, &body, false); err != nil {
		return err
	}
	return d.answer(w, r, []answerBody{{ID: questionConfirm, Text: body.Answer}})
}

// answer hands answers to the manager if the run waits for some.
func (d *door) answer(w http.ResponseWriter, r *http.Request, answers []answerBody) error {
	v, err := d.loadFrom(r)
	if err != nil {
		return err
	}
	lang := v.run.GetLanguage()
	if isEnd(v.run.GetState()) {
		return &problem{code: codeRunEnded, language: lang, args: []any{"state", v.run.GetState()}}
	}
	// Who repeats an answer under the same key may find the run gone on because of the first copy: that is no conflict.
	if !isWaiting(v.run.GetState()) && r.Header.Get("Idempotency-Key") == "" {
		return &problem{code: codeNotWaiting, language: lang, args: []any{"state", v.run.GetState()}}
	}
	message := &provisov1.AnswerRun{
		RunId: v.run.GetRunId(), MessageId: d.messageID(r), At: timestamppb.New(d.env.Now()), Requester: requesterOf(r),
	}
	for _, a := range answers {
		if isBlank(a.Text) {
			return &problem{code: codeEmptyRequest, language: lang}
		}
		if !isText(a.Text) {
			return &problem{code: codeNotText, language: lang}
		}
		message.Answers = append(message.Answers, &provisov1.Answer{Id: a.ID, Text: a.Text})
	}
	cleanAnswers(message, lang)
	if err := wire.Validate(message); err != nil {
		return withLanguage(contractProblem(err, ""), lang)
	}
	ctx, cancel := d.bounded(r.Context())
	defer cancel()
	if err := d.publish(ctx, message, bus.VerbAnswer, message.GetRunId(), message.GetRunId()+".answer."+message.GetMessageId()); err != nil {
		return withLanguage(err, lang)
	}
	return respond(w, http.StatusAccepted, acceptedBody{RunID: v.run.GetRunId(), State: v.run.GetState()})
}

// cancelRun asks the manager to end a run.
func (d *door) cancelRun(w http.ResponseWriter, r *http.Request) error {
	var none struct{}
	if _, err := readBody(w, r, &none, true); err != nil {
		return err
	}
	v, err := d.loadFrom(r)
	if err != nil {
		return err
	}
	if isEnd(v.run.GetState()) {
		return &problem{code: codeRunEnded, language: v.run.GetLanguage(), args: []any{"state", v.run.GetState()}}
	}
	message := &provisov1.CancelRun{
		RunId: v.run.GetRunId(), MessageId: d.messageID(r), At: timestamppb.New(d.env.Now()), Requester: requesterOf(r),
	}
	ctx, cancel := d.bounded(r.Context())
	defer cancel()
	if err := d.publish(ctx, message, bus.VerbCancel, message.GetRunId(), message.GetRunId()+".cancel."+message.GetMessageId()); err != nil {
		return withLanguage(err, v.run.GetLanguage())
	}
	return respond(w, http.StatusAccepted, acceptedBody{RunID: v.run.GetRunId(), State: v.run.GetState()})
}

// messageID is the identity of what a client says about a run: a function of its idempotency key if it sent one.
func (d *door) messageID(r *http.Request) string {
	if key := r.Header.Get("Idempotency-Key"); key != "" {
		return derivedID(subjectFrom(r.Context()), r.URL.Path+"\x00"+key)
	}
	return "m-" + strings.ToLower(rand.Text())
}
