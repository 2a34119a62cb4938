package saga

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	"proviso.dev/pkg/audit"
	"proviso.dev/pkg/redact"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// Acts of the audit chain; the ends of a run are acts as well, by the names of their states.
const (
	actAsked      = "asked"
	actAnswered   = "answered"
	actConfirmed  = "confirmed"
	actSuspicious = "suspicious"
)

// system is who acts when nobody did.
const system = "proviso"

// maxDetail is the longest value of a detail, in characters.
const maxDetail = 256

// record adds an entry to the run's chain, by a person or, without one, by the system.
func (t *transition) record(who *Requester, act string, details ...*provisov1.AuditDetail) {
	e := &provisov1.AuditEntry{RunId: t.run.ID, At: timestamppb.New(t.now), Who: system, Act: act}
	if who != nil {
		e.Who, e.Door = who.Subject, who.Door
	}
	for _, d := range details {
		if d.GetValue() != "" {
			e.Details = append(e.Details, d)
		}
	}
	t.run.AuditHead = audit.Seal(t.run.AuditHead, e)
	t.audit = append(t.audit, Audit{Entry: e})
}

// person is who acts in this transition.
func (t *transition) person() *Requester {
	if t.who != nil {
		return t.who
	}
	return &t.run.Requester
}

func (t *transition) recordAsked() {
	r := &t.run
	confirmed := ""
	if r.Confirmed {
		confirmed = "by the caller"
	}
	t.record(t.person(), actAsked,
		said("text", r.Text), detail("text_sha256", digest(r.Text)), detail("intent", r.IntentID()),
		detail("session", r.Session), detail("confirmed", confirmed))
}

// maxAnswersRecorded keeps an entry within the details that it may have; the rest is counted.
const maxAnswersRecorded = 12

func (t *transition) recordAnswered(answers []Answer) {
	var details []*provisov1.AuditDetail
	for i, a := range answers {
		if len(details) == maxAnswersRecorded {
			details = append(details, detail("more", strconv.Itoa(len(answers)-i)))
			break
		}
		if t.run.open(a.ID) {
			details = append(details, said(a.ID, a.Text))
		}
	}
	t.record(t.person(), actAnswered, details...)
}

// recordConfirmed tells what was confirmed by the digest of the table as it was shown. What the caller waived was recorded when
// it was asked for.
func (t *transition) recordConfirmed() {
	if t.run.Confirmed {
		return
	}
	var table strings.Builder
	for _, row := range t.run.Interpretation {
		table.WriteString(strconv.Quote(row.Path) + "=" + strconv.Quote(row.Value) + "\n")
	}
	t.record(&t.run.Requester, actConfirmed, detail("interpretation_sha256", digest(table.String())))
}

func (t *transition) recordEnd() {
	r := &t.run
	var who *Requester
	if r.State == Cancelled {
		who = t.person()
	}
	var manifest, code, reply string
	if r.Manifest != nil && r.State == Delivered {
		manifest = r.Manifest.Digest
	}
	if r.Reason != nil {
		code = r.Reason.Code
	}
	if r.Reply != nil {
		reply = digest(r.Reply.GetText())
	}
	t.record(who, string(r.State), detail("manifest", manifest), detail("reply_sha256", reply), detail("reason", code))
}

// suspect records suspicions that are not in the chain yet: each round of the dialogue finds those of the rounds before again.
func (t *transition) suspect(suspicions []*provisov1.Suspicion) {
	r := &t.run
	for _, s := range suspicions {
		id := digest(strconv.Quote(s.GetKind()) + strconv.Quote(s.GetSource()) + strconv.Quote(s.GetExcerpt()))[:16]
		if len(r.Suspected) >= MaxSuspected || slices.Contains(r.Suspected, id) {
			continue
		}
		r.Suspected = append(slices.Clip(r.Suspected), id)
		t.record(&r.Requester, actSuspicious,
			detail("kind", s.GetKind()), detail("source", s.GetSource()), said("excerpt", s.GetExcerpt()))
	}
}

// said is a detail in somebody's own words. The doors have cleaned them; what is never deleted is cleaned again.
func said(name, words string) *provisov1.AuditDetail {
	clean, _ := redact.Text(words)
	return detail(name, clean)
}

func detail(name, value string) *provisov1.AuditDetail {
	if r := []rune(strings.ToValidUTF8(value, "\uFFFD")); len(r) > maxDetail {
		value = string(r[:maxDetail])
	}
	return &provisov1.AuditDetail{Name: name, Value: strings.ToValidUTF8(value, "\uFFFD")}
}

// digest is the SHA-256 of a text in hexadecimal; empty for an empty one.
func digest(s string) string {
	if s == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}
