package twin

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

const weakSecret = "00000000-0000-4000-8000-000000000002"

func (c caller) as(id string, privileges ...string) caller {
	c.cluster.AddToken(Token{ID: id, Secret: weakSecret, Privileges: append([]string{}, privileges...)})
	c.token = id + "=" + weakSecret
	return c
}

// A token sees what its privileges show, and is not told that there is more.
func TestListsAreFiltered(t *testing.T) {
	tests := map[string]struct {
		reason     string
		privileges []string
		counts     map[string]int // path to the number of rows
	}{
		"Auditor": {reason: "the reader's role sees everything", privileges: AuditorPrivileges(8), counts: map[string]int{"/cluster/resources?type=vm": 9, "/pools": 1, "/storage": 4, "/cluster/sdn/vnets": 1, "/nodes/pmox01/qemu": 4}},
		"NoVMs":   {reason: "without VM.Audit there are no guests", privileges: []string{"Sys.Audit", "Datastore.Audit"}, counts: map[string]int{"/cluster/resources?type=vm": 0, "/pools": 0, "/storage": 4, "/cluster/sdn/vnets": 0, "/nodes/pmox01/qemu": 0}},
		"Nothing": {reason: "a token without privileges sees nodes, not their figures", counts: map[string]int{"/cluster/resources?type=vm": 0, "/cluster/resources?type=storage": 0, "/nodes": 4}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := newLab(t, Options{}).as("reader@pve!one", tc.privileges...)
			for path, want := range tc.counts {
				path, query, _ := strings.Cut(path, "?")
				var rows []json.RawMessage
				c.must("GET "+path, query, &rows)
				if len(rows) != want {
					t.Errorf("%s: %s: got %d rows, want %d", tc.reason, path, len(rows), want)
				}
			}
		})
	}
}

func TestForbidden(t *testing.T) {
	tests := map[string]struct {
		reason     string
		privileges []string
		call, form string
		text       string // empty: allowed
	}{
		"ConfigWithout": {reason: "the method's own expression", call: "GET /nodes/pmox03/qemu/123/config", text: "Permission check failed (/vms/123, VM.Audit)"},
		"ConfigWith":    {reason: "and with it", privileges: []string{"VM.Audit"}, call: "GET /nodes/pmox03/qemu/123/config"},
		"CloneOr":       {reason: "one of two ways is enough", privileges: []string{"VM.Clone", "VM.Allocate"}, call: "POST /nodes/pmox01/qemu/100/clone", form: "newid=130"},
		"CloneHalf":     {reason: "but the first part is needed", privileges: []string{"VM.Allocate"}, call: "POST /nodes/pmox01/qemu/100/clone", form: "newid=130", text: "VM.Clone"},
		"AuditorWrites": {reason: "the reader's role cannot write", privileges: AuditorPrivileges(8), call: "POST /pools", form: "poolid=p", text: "Pool.Allocate"},
		"AnyOf":         {reason: "any of several privileges", privileges: []string{"VM.Config.Options"}, call: "PUT /nodes/pmox03/qemu/123/config", form: "onboot=0"},
		"StorageByID":   {reason: "one storage needs more than the list", privileges: []string{"Datastore.Audit"}, call: "GET /storage/cephfs", text: "Datastore.Allocate"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got := newLab(t, Options{}).as("reader@pve!one", tc.privileges...).do(tc.call, tc.form)
			switch {
			case tc.text == "" && got.Status != http.StatusOK:
				t.Errorf("%s: got %d %q, want success", tc.reason, got.Status, got.Message)
			case tc.text != "" && (got.Status != http.StatusForbidden || !strings.Contains(got.Message, tc.text)):
				t.Errorf("%s: got %d %q, want 403 %q", tc.reason, got.Status, got.Message, tc.text)
			}
		})
	}
}

func TestPermissionsAreHonest(t *testing.T) {
	c := newLab(t, Options{})
	for _, tc := range []struct {
		who  caller
		want []string
		not  []string
	}{
		{who: c, want: []string{"VM.Audit", "VM.Allocate", "VM.Monitor"}},
		{who: c.as("reader@pve!one", AuditorPrivileges(8)...), want: []string{"VM.Audit", "Sys.Audit"}, not: []string{"VM.Allocate"}},
	} {
		var held map[string]map[string]int
		tc.who.must("GET /access/permissions", "", &held)
		for _, p := range tc.want {
			if held["/"][p] != 1 {
				t.Errorf("%s: %s is held, but not told", tc.who.token, p)
			}
		}
		for _, p := range tc.not {
			if held["/"][p] != 0 {
				t.Errorf("%s: %s is not held, but told", tc.who.token, p)
			}
		}
	}
}

// A token made through the API works, with what its role gives.
func TestTokenFromAPI(t *testing.T) {
	c := newLab(t, Options{})
	c.must("POST /access/users", "userid=reader@pve", nil)
	c.must("PUT /access/acl", "path=/vms&roles=PVEAuditor&users=reader@pve", nil)
	var made struct {
		Value string
		ID    string `json:"full-tokenid"`
	}
	c.must("POST /access/users/reader@pve/token/one", "privsep=1", &made)
	c.must("PUT /access/acl", "path=/vms/101&roles=PVEAuditor&tokens="+url.QueryEscape(made.ID), nil)
	c.token = made.ID + "=" + made.Value
	c.must("GET /nodes/pmox01/qemu/101/config", "", nil)
	if got := c.do("GET /nodes/pmox01/qemu/100/config", ""); got.Status != http.StatusForbidden {
		t.Errorf("outside of its path: got %d, want 403", got.Status)
	}
}

func TestTickets(t *testing.T) {
	clock := newClock()
	c := newLab(t, Options{Now: clock.now})
	c.cluster.SetPassword("root@pam", "correct horse")
	if got := c.anonymous("POST", "/access/ticket", "username=root@pam&password=wrong", nil); got.Status != http.StatusUnauthorized {
		t.Errorf("wrong password: got %d, want 401", got.Status)
	}
	var ticket struct {
		Ticket   string `json:"ticket"`
		CSRF     string `json:"CSRFPreventionToken"`
		Username string `json:"username"`
	}
	answer := c.anonymous("POST", "/access/ticket", "username=root@pam&password=correct+horse", nil)
	if err := json.Unmarshal(answer.Data, &ticket); err != nil || ticket.Username != "root@pam" {
		t.Fatalf("login: %d %s %v", answer.Status, answer.Data, err)
	}
	headers := map[string]string{"Cookie": "PVEAuthCookie=" + ticket.Ticket}
	if got := c.anonymous("GET", "/nodes", "", headers); got.Status != http.StatusOK {
		t.Errorf("read with ticket: got %d %q", got.Status, got.Message)
	}
	if got := c.anonymous("POST", "/pools", "poolid=p", headers); got.Status != http.StatusUnauthorized {
		t.Errorf("write without CSRF token: got %d, want 401", got.Status)
	}
	headers["CSRFPreventionToken"] = ticket.CSRF
	if got := c.anonymous("POST", "/pools", "poolid=p", headers); got.Status != http.StatusOK {
		t.Errorf("write with CSRF token: got %d %q", got.Status, got.Message)
	}
	clock.advance(ticketLife + time.Second)
	if got := c.anonymous("GET", "/nodes", "", headers); got.Status != http.StatusUnauthorized {
		t.Errorf("after two hours: got %d, want 401", got.Status)
	}
	if got := c.anonymous("GET", "/nodes", "", nil); got.Status != http.StatusUnauthorized || got.Message != "No ticket\n" {
		t.Errorf("nobody: got %d %q, want 401 No ticket", got.Status, got.Message)
	}
	if got := c.do("POST /access/ticket", "username=root@pam&password=x"); got.Status != http.StatusForbidden {
		t.Errorf("a token asks for a ticket: got %d, want 403", got.Status)
	}
}

// anonymous calls without the token.
func (c caller) anonymous(method, path, form string, headers map[string]string) reply {
	c.t.Helper()
	r := httptest.NewRequest(method, prefix+path, strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for k, v := range headers {
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	c.cluster.Handler().ServeHTTP(w, r)
	answer := reply{Status: w.Code}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		c.t.Fatalf("%s: %v", path, err)
	}
	return answer
}
