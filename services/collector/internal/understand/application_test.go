package understand

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// An application that is told of as a whole is no machine beside its own.
func TestWholeApplication(t *testing.T) {
	const tiers = "web-server 2, application-server 2, database 1"
	tests := map[string]struct {
		reason string
		want   string
		left   []string
	}{
		"a three-tier application: two web servers, two application servers with 4 GB and a database with 8 GB": {reason: "after a colon", want: tiers},
		"a three-tier application with two web servers, two app servers and a database":                         {reason: "after with", want: tiers},
		"une application à trois niveaux : deux serveurs web, deux serveurs d'application et une base de données": {
			reason: "the same in French", want: tiers,
		},
		"une application trois tiers avec deux serveurs web, deux serveurs d'application et une base de données": {reason: "as French says it too", want: tiers},
		"a web application with two web servers and a database":                                                  {reason: "two words for one thing", want: "web-server 2, database 1"},
		"une application web composée de deux serveurs web et d'une base de données":                             {reason: "made of", want: "web-server 2, database 1"},
		"an application called shop with two web servers and a database": {
			reason: "the name of a whole belongs to no machine, and that is said", want: "web-server 2, database 1", left: []string{"called shop"},
		},
		"an app and two web servers and a database": {reason: "beside one another", want: "application-server 1, web-server 2, database 1"},
		"an application server, two web servers and a database": {
			reason: "a server is a machine", want: "application-server 1, web-server 2, database 1",
		},
	}
	r, snap := New(proxmox()), lab()
	for text, tc := range tests {
		t.Run(text, func(t *testing.T) {
			in := assemble(text, parse(text, r.index(snap)).items, Stated)
			var groups []string
			for _, g := range in.Groups {
				groups = append(groups, fmt.Sprintf("%s %d", g.Role.V, g.count()))
			}
			if diff := cmp.Diff(tc.want, strings.Join(groups, ", ")); diff != "" {
				t.Errorf("%s: groups (-want +got):\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(tc.left, in.NotUnderstood); diff != "" {
				t.Errorf("%s: not understood (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}
