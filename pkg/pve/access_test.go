package pve

import (
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCheck(t *testing.T) {
	auditor8 := []string{"Datastore.Audit", "Mapping.Audit", "Pool.Audit", "SDN.Audit", "Sys.Audit", "VM.Audit"}
	tests := map[string]struct {
		reason  string
		version string
		perms   string
		want    Access
		err     error
	}{
		"Auditor9": {
			reason: "The built-in role is exactly enough.", version: "9.1.2", perms: `{"/":` + auditor + `,"/vms":{"VM.Audit":1}}`,
			want: Access{Held: append(append([]string{}, auditor8...), "VM.GuestAgent.Audit")},
		},
		"WithoutMapping": {
			reason: "Few requests are about mappings or the guest agent.", version: "9.1.2",
			perms: `{"/":{"Datastore.Audit":1,"Pool.Audit":1,"SDN.Audit":1,"Sys.Audit":1,"VM.Audit":1}}`,
			want: Access{Held: []string{"Datastore.Audit", "Pool.Audit", "SDN.Audit", "Sys.Audit", "VM.Audit"},
				Missing: []string{"Mapping.Audit", "VM.GuestAgent.Audit"}},
		},
		"NotPassedOn": {
			reason: "A privilege on / alone opens nothing below it.", version: "8.4.1",
			perms: `{"/":{"Datastore.Audit":1,"Mapping.Audit":1,"Pool.Audit":1,"SDN.Audit":1,"Sys.Audit":1,"VM.Audit":0}}`,
			want:  Access{Held: auditor8[:5], Missing: []string{"VM.Audit"}},
			err:   ErrIncompleteAccess,
		},
		"Excess": {
			reason: "A reader that could write is warned about; one right held twice is named once.", version: "8.4.1",
			perms: `{"/":{"Datastore.Audit":1,"Mapping.Audit":1,"Pool.Audit":1,"SDN.Audit":1,"Sys.Audit":1,"VM.Audit":1,"VM.Allocate":1},"/vms/1":{"VM.Audit":1,"VM.Allocate":0,"VM.Clone":1}}`,
			want: Access{Held: []string{"Datastore.Audit", "Mapping.Audit", "Pool.Audit", "SDN.Audit", "Sys.Audit", "VM.Allocate", "VM.Audit"},
				Excess: []string{"VM.Allocate", "VM.Clone"}},
		},
		"Narrowed": {
			reason: "Less on a path than on / hides what lies there; a path of another tree does not matter.", version: "8.4.1",
			perms: `{"/":{"Datastore.Audit":1,"Mapping.Audit":1,"Pool.Audit":1,"SDN.Audit":1,"Sys.Audit":1,"VM.Audit":1},"/storage":{"Sys.Audit":1},"/access":{"Sys.Audit":1},"/vmsx":{}}`,
			want:  Access{Held: auditor8, Narrowed: []string{"/storage"}},
		},
		"Nothing": {
			reason: "A privilege-separated token starts with none.", version: "8.4.1", perms: `{}`,
			want: Access{Missing: auditor8}, err: ErrIncompleteAccess,
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			r := newStub(t, map[string]http.HandlerFunc{
				"/version": data(`{"version":"` + tc.version + `"}`), "/access/permissions": data(tc.perms),
			}).reader(t, nil)
			got, err := r.Check(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			tc.want.Token, tc.want.Version = "proviso@pve!reader", tc.version
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s\n-want, +got:\n%s", tc.reason, diff)
			}
			if err := got.Err(); !errors.Is(err, tc.err) {
				t.Errorf("%s\ngot error %v, want %v", tc.reason, err, tc.err)
			}
		})
	}
}
