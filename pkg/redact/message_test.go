package redact

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/structpb"
	provisov1 "proviso.dev/proto/proviso/v1"
)

func TestMessage(t *testing.T) {
	m := &provisov1.UnderstandWork{
		Item:  &provisov1.WorkItem{RunId: "r1", Step: "understand"},
		Text:  "a VM, password: hunter2",
		Turns: []*provisov1.Turn{{Text: "root/hunter2"}},
	}
	want := proto.CloneOf(m)
	want.Text = "a VM, password: [secret-1]"
	want.Turns[0].Text = "root/[secret-1]"
	found := Message(m)
	if diff := cmp.Diff(want, m, protocmp.Transform()); diff != "" {
		t.Errorf("message: %s", diff)
	}
	if diff := cmp.Diff([]Found{{Kind: KindPassword}}, found); diff != "" {
		t.Errorf("found: %s", diff)
	}
	if Message(nil) != nil || Message((*provisov1.UnderstandWork)(nil)) != nil {
		t.Error("a message that is not there has no secrets")
	}
}

func TestMessageFields(t *testing.T) {
	s, err := structpb.NewStruct(map[string]any{"cipassword": "plain", "name": "web", "tags": []any{"token: abcdefgh"}})
	if err != nil {
		t.Fatal(err)
	}
	Message(s)
	if got := s.GetFields()["tags"].GetListValue().GetValues()[0].GetStringValue(); !strings.HasPrefix(got, "token: [secret-") {
		t.Errorf("a string in a list of a map went through: %q", got)
	}
	if got := s.GetFields()["name"].GetStringValue(); got != "web" {
		t.Errorf("an ordinary value became %q", got)
	}
	var r Redactor
	if got, found := r.field("cipassword", "plain"); got != "[secret-1]" || len(found) != 1 {
		t.Errorf("the value of a field that announces a secret became %q, %v", got, found)
	}
}

func TestSecretDoesNotPrint(t *testing.T) {
	s := Secret("hunter2")
	data, err := json.Marshal(map[string]any{"key": s, "in": struct{ K Secret }{s}})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	slog.New(slog.NewTextHandler(&b, nil)).Info("started", "key", s, "all", struct{ K Secret }{s})
	all := fmt.Sprintf("%s %v %+v %#v %q %x %d %v", s, s, s, s, s, s, s, struct{ K Secret }{s}) + string(data) + b.String()
	if strings.Contains(all, "hunter2") || strings.Contains(all, "68756e74657232") {
		t.Errorf("the secret shows: %s", all)
	}
	if s.Reveal() != "hunter2" {
		t.Errorf("revealed %q", s.Reveal())
	}
}
