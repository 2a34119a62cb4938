package understand

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// Aside is a passage of a text that is data and no request: nothing is taken from it. It is shown as not understood.
type Aside struct {
	// Start and End are byte offsets in the text, end exclusive. What lies outside of the text is ignored.
	Start, End int
	// Kind is why it is set aside: "quoted" for pasted material, else the kind of a suspicion of the contract.
	Kind string
}

// asideQuoted is the kind of what was pasted without any suspicion.
const asideQuoted = "quoted"

// asides lists every passage of a request that is set aside, with its words.
type asides struct {
	words []string
	kinds []string
}

// aside returns the request with blanks in place of what is set aside, so that every offset stays, and what that was.
func (req Request) aside() (Request, asides) {
	var out asides
	blank := func(text string, spans []Aside) string {
		if len(spans) == 0 {
			return text
		}
		b := []byte(text)
		for _, s := range spans {
			start, end := min(max(s.Start, 0), len(text)), min(max(s.End, 0), len(text))
			if start >= end {
				continue
			}
			if words := strings.TrimSpace(strings.ToValidUTF8(text[start:end], "\uFFFD")); words != "" {
				out.words, out.kinds = append(out.words, clip(words, 500)), append(out.kinds, s.Kind)
			}
			for i := start; i < end; i++ {
				if b[i] != '\n' {
					b[i] = ' '
				}
			}
		}
		return strings.ToValidUTF8(string(b), " ")
	}
	req.Text, req.Aside = blank(req.Text, req.Aside), nil
	req.Turns = slices.Clone(req.Turns)
	for i, t := range req.Turns {
		req.Turns[i] = Turn{QuestionID: t.QuestionID, Text: blank(t.Text, t.Aside)}
	}
	return req, out
}

// setsAside reports whether anything of a request is set aside.
func (req Request) setsAside() bool {
	return len(req.Aside) > 0 || slices.ContainsFunc(req.Turns, func(t Turn) bool { return len(t.Aside) > 0 })
}

// hostile reports whether something was set aside for more than being pasted.
func (a asides) hostile() bool {
	return slices.ContainsFunc(a.kinds, func(k string) bool { return k != asideQuoted })
}

// tell adds to an understanding what was set aside, and one line that says so.
func (a asides) tell(out *provisov1.Understanding) *provisov1.Understanding {
	if len(a.words) == 0 {
		return out
	}
	lang, notice := out.GetLanguage(), "notice.quoted"
	if a.hostile() {
		notice = "notice.set_aside"
	}
	out.Notices = append(out.Notices, say(lang, notice))
	if out.GetIntent() == nil {
		return out
	}
	t := &table{lang: lang}
	for k, words := range a.words {
		n := len(out.GetIntent().GetNotUnderstood())
		if n >= 64 {
			break
		}
		reason := "reason.set_aside"
		if a.kinds[k] == asideQuoted {
			reason = "reason.quoted"
		}
		out.Intent.NotUnderstood = append(out.Intent.NotUnderstood, words)
		t.add(fmt.Sprintf("not_understood[%d]", n), "not_understood", visible(words), Stated, say(lang, reason))
	}
	out.Interpretation = append(out.Interpretation, t.rows...)
	return out
}

// nothingLeft reports whether a text says nothing: it has no letter and no digit.
func nothingLeft(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}

// compact writes a text for people: one space where words were set aside.
func compact(text string) string {
	var b strings.Builder
	blanks := 0
	for _, r := range text {
		if r == ' ' {
			blanks++
			if blanks > 1 {
				continue
			}
		} else {
			blanks = 0
		}
		b.WriteRune(r)
	}
	if s := strings.TrimSpace(b.String()); utf8.ValidString(s) {
		return s
	}
	return text
}

// Understand says what a request means on a cluster. A nil snapshot means that nothing is known of the cluster: the result
// then is good for refusals only. Of what the request sets aside nothing is taken.
func (r *Reasoner) Understand(req Request, snap *pve.Snapshot) *provisov1.Understanding {
	if !req.setsAside() {
		return r.understand(req, snap)
	}
	clean, set := req.aside()
	if set.hostile() && nothingLeft(clean.Text) && clean.Intent == nil {
		lang := Language(req)
		return set.tell(r.refusal(lang, route{kind: kindOffTopic, code: "off_topic_aside"}, 0))
	}
	out := r.understand(clean, snap)
	if in := out.GetIntent(); in.GetGoal() != "" {
		goal := clip(compact(in.GetGoal()), 1000)
		in.Goal = &goal
	}
	return set.tell(out)
}
