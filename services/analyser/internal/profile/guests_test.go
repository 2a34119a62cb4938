package profile

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// TestGuests: machines and containers with a role are parts of an application, with the size that the intent gives them and the
// origin that its facts have.
func TestGuests(t *testing.T) {
	payload := payloadOf("fr", []string{"deux serveurs web nginx et une base de données PostgreSQL"})
	payload.Intent.Workloads = nil
	payload.Intent.VirtualMachines = []*provisov1.VirtualMachine{
		{Name: new("front"), Role: new("web-server"), Count: proto.Int32(2), Cores: proto.Int32(2), Sockets: proto.Int32(2), MemoryMib: proto.Int32(2048), Disks: []*provisov1.Disk{{SizeGib: proto.Int32(20)}, {SizeGib: proto.Int32(10)}}},
		{Name: new("plain"), Cores: proto.Int32(1)},
	}
	payload.Intent.Containers = []*provisov1.Container{{Role: new("database"), MemoryMib: proto.Int32(8192)}}
	payload.Intent.Facts = []*provisov1.Fact{
		{Path: "virtual_machines[0].cores", Origin: "stated", Text: new("2 cœurs")},
		{Path: "virtual_machines[0].memory_mib", Origin: "assumed", Reason: new("taille d'un serveur web")},
	}
	profiles, err := Read(Input{Payload: payload})
	if err != nil {
		t.Fatal(err)
	}
	checkProfiles(t, profiles.All)
	want := []string{
		"component database database postgresql", "state database stateful", "exposure database application", "memory database 8192",
		"component front web nginx", "state front stateless", "exposure front application", "cpu front 4000", "disk front 30", "replicas front 2..2", "depends front database",
	}
	if _, missing, extra := compare(want, lines(profiles.All[0])); len(missing)+len(extra) > 0 {
		t.Errorf("missing %q, too much %q", missing, extra)
	}
	for path, name := range map[string]string{"virtual_machines[0]": "front", "virtual_machines[1]": "", "containers[0]": "database"} {
		if place, ok := profiles.Of(path); ok != (name != "") || place.Component.GetName() != name {
			t.Errorf("%s became %q, want %q", path, place.Component.GetName(), name)
		}
	}
	facts := map[string]*provisov1.ProfileFact{}
	for _, f := range profiles.All[0].GetFacts() {
		facts[f.GetPath()] = f
	}
	if f := facts["components[1].sizing.cpu_milli"]; f.GetOrigin() != "stated" || f.GetSource() != "2 cœurs" || f.GetConfidence() != sureStated {
		t.Errorf("cores: %v", f)
	}
	if f := facts["components[1].sizing.memory_mib"]; f.GetOrigin() != "assumed" || f.GetReason() != "taille d'un serveur web" {
		t.Errorf("memory: %v", f)
	}
	if images := profiles.All[0].GetComponents()[1].GetImage(); images != "" {
		t.Errorf("a machine got the image %q", images)
	}
}

// TestNoApplication: requests that are about no application have no profile.
func TestNoApplication(t *testing.T) {
	payload := payloadOf("en", []string{"add 2 GB to the nginx server, please"})
	payload.Intent.Workloads = nil
	payload.Intent.Changes = []*provisov1.GuestChange{{Name: new("web-1"), MemoryMib: proto.Int32(4096)}}
	got, err := New(Input{Payload: payload})
	if err != nil || len(got) > 0 {
		t.Errorf("got %v, %v; a change of a guest says nothing of applications", got, err)
	}
}

// TestWorkloads: values of the intent go before the words.
func TestWorkloads(t *testing.T) {
	payload := payloadOf("en", []string{"run redis on port 6380 with 5 replicas"})
	payload.Intent.Workloads = []*provisov1.Workload{{
		Name: new("sessions"), Image: new("redis:7.2"), Port: proto.Int32(6379), Replicas: proto.Int32(2), ReplicasMost: proto.Int32(4), CpuThresholdPercent: proto.Int32(60),
		Exposure: new("ingress"), Host: new("cache.lab.local"), CpuMilli: proto.Int32(300), MemoryMib: proto.Int32(700), DiskGib: proto.Int32(3),
	}}
	profiles, err := Read(Input{Payload: payload})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"component sessions cache redis", "state sessions stateless", "exposure sessions network", "image sessions redis:7.2", "port sessions 6379/tcp", "cpu sessions 300", "memory sessions 700",
		"disk sessions 3", "replicas sessions 2..4", "host sessions cache.lab.local",
	}
	if _, missing, extra := compare(want, lines(profiles.All[0])); len(missing)+len(extra) > 0 {
		t.Errorf("missing %q, too much %q", missing, extra)
	}
	for _, f := range profiles.All[0].GetFacts() {
		if f.GetPath() == "components[0].replicas_most" && !strings.Contains(f.GetReason(), "60 %") {
			t.Errorf("the threshold is not said: %v", f)
		}
	}
}

// Shows: T-3.3.5-205
//
// TestContradictions: what sources state differently is shown, the value that a deployment would use first.
func TestContradictions(t *testing.T) {
	tests := map[string]struct {
		reason  string
		facts   string
		path    string
		values  []string
		en, fr  string
		doubted string // fact that is less sure for it
	}{
		"Expose": {
			reason: "The chart's port is the one that a deployment uses; what the image says is shown.",
			facts: `
component api service @ chart/templates/api.yaml:4
port api 8080/tcp @ chart/templates/api.yaml:20
port api 3000/tcp @ Dockerfile:9`,
			path: "components[0].ports", values: []string{"8080 (chart/templates/api.yaml:20)", "3000 (Dockerfile:9)"},
			en:      "The ports of api are stated differently: 8080 (chart/templates/api.yaml:20) is used; elsewhere it says 3000 (Dockerfile:9).",
			fr:      "Les ports du composant api diffèrent selon les sources : 8080 (chart/templates/api.yaml:20) est retenu ; ailleurs on lit 3000 (Dockerfile:9).",
			doubted: "components[0].ports[0]",
		},
		"Service": {
			reason: "A service's target is a port of the chart, too.",
			facts: `
component api service @ chart/templates/api.yaml:4
expose api cluster 80->8080 - @ chart/templates/service.yaml:8
port api 3000/tcp @ Dockerfile:9`,
			path: "components[0].ports", values: []string{"8080 (chart/templates/service.yaml:8)", "3000 (Dockerfile:9)"},
			doubted: "components[0].ports[0]",
		},
		"Replicas": {
			reason: "A number outside of the autoscaler's bounds is one of the two wrong.",
			facts: `
component api service @ k8s/api.yaml:4
replicas api 1 @ k8s/api.yaml:6
replicas api 2..5 @ k8s/hpa.yaml:9`,
			path: "components[0].replicas", values: []string{"2..5 (k8s/hpa.yaml:9)", "1 (k8s/api.yaml:6)"},
			doubted: "components[0].replicas",
		},
		"Variable": {
			reason: "One variable is doubted, not all of them.",
			facts: `
component api service @ k8s/api.yaml:4
env api A 1 @ k8s/api.yaml:10
env api LEVEL info @ k8s/api.yaml:12
env api LEVEL debug @ compose.yaml:7`,
			path: "components[0].environment[1]", values: []string{"LEVEL=info (k8s/api.yaml:12)", "LEVEL=debug (compose.yaml:7)"},
			doubted: "components[0].environment[1]",
		},
		"Volume": {
			reason: "A claim's size goes before another's.",
			facts: `
component db stateful @ k8s/db.yaml:4
volume db /data persistent data 21474836480 @ k8s/db.yaml:30
volume db /data persistent data 5368709120 @ compose.yaml:7`,
			path: "components[0].volumes[0]", values: []string{"20 GiB (k8s/db.yaml:30)", "5 GiB (compose.yaml:7)"},
			doubted: "components[0].volumes[0].size_gib",
		},
		"Tag": {
			reason: "Kubernetes runs another version than Compose.",
			facts: `
component redis service @ k8s/redis.yaml:4
image redis run redis:7.4.1 @ k8s/redis.yaml:9
image redis run redis:6 @ compose.yaml:12`,
			path: "components[0].image", values: []string{"redis:7.4.1 (k8s/redis.yaml:9)", "redis:6 (compose.yaml:12)"},
			doubted: "components[0].image",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			for _, lang := range []string{"en", "fr"} {
				profiles, err := New(Input{Payload: payloadOf(lang, nil, applicationFrom(t, "shop", tc.facts))})
				if err != nil {
					t.Fatal(err)
				}
				checkProfiles(t, profiles)
				list := profiles[0].GetContradictions()
				if len(list) != 1 || list[0].GetPath() != tc.path {
					t.Fatalf("got %v, want one of %s: %s", list, tc.path, tc.reason)
				}
				if diff := cmp.Diff(tc.values, list[0].GetValues()); diff != "" && lang == "en" {
					t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
				}
				if want := map[string]string{"en": tc.en, "fr": tc.fr}[lang]; want != "" && list[0].GetMessage() != want {
					t.Errorf("got %q, want %q", list[0].GetMessage(), want)
				}
				for _, f := range profiles[0].GetFacts() {
					if f.GetPath() == tc.doubted && f.GetConfidence() > sureDeployed-contradicted {
						t.Errorf("%s is as sure as if nothing contradicted it: %v", tc.doubted, f.GetConfidence())
					}
				}
			}
		})
	}
}

// TestNoContradiction: sidecars, sums and bounds are no contradictions.
func TestNoContradiction(t *testing.T) {
	profiles, err := New(Input{Payload: payloadOf("en", nil, applicationFrom(t, "shop", `
component db stateful @ k8s/db.yaml:4
image db run postgres:16 @ k8s/db.yaml:9
image db run prometheuscommunity/postgres-exporter:v0.15.0 @ k8s/db.yaml:30
resource db cpu request 500 @ k8s/db.yaml:12
resource db cpu request 20 @ k8s/db.yaml:33
replicas db 3 @ k8s/db.yaml:6
replicas db 2..5 @ k8s/hpa.yaml:9`))})
	if err != nil {
		t.Fatal(err)
	}
	if got := profiles[0].GetContradictions(); len(got) > 0 {
		t.Errorf("got %v", got)
	}
	c := profiles[0].GetComponents()[0]
	if c.GetTechnology() != "postgresql" || c.GetSizing().GetCpuMilli() != 520 || c.GetReplicas() != 2 || c.GetReplicasMost() != 5 {
		t.Errorf("got %v", c)
	}
}

// Shows: T-I.2.2-01
//
// TestMeasured: a size that nobody states is what like guests use, which the reason names; without a history the reason says that
// nothing was measured; what is stated stays.
func TestMeasured(t *testing.T) {
	payload := payloadOf("en", []string{"a Node API with 2 cores, Postgres and redis"})
	demand := []Demand{
		{Role: "database", Technology: "postgresql", CPUMilli: 730, MemoryMiB: 3100, Guests: []string{"pg-1", "pg-2"}},
		{Role: "api", CPUMilli: 90, MemoryMiB: 400, Guests: []string{"orders"}},
	}
	profiles, err := New(Input{Payload: payload, Demand: demand})
	if err != nil {
		t.Fatal(err)
	}
	checkProfiles(t, profiles)
	got := map[string]string{}
	for i, c := range profiles[0].GetComponents() {
		for _, f := range profiles[0].GetFacts() {
			switch f.GetPath() {
			case fmt.Sprintf("components[%d].sizing.cpu_milli", i):
				got[c.GetName()+" cpu"] = fmt.Sprintf("%d %s: %s", c.GetSizing().GetCpuMilli(), f.GetOrigin(), f.GetReason())
			case fmt.Sprintf("components[%d].sizing.memory_mib", i):
				got[c.GetName()+" memory"] = fmt.Sprintf("%d %s: %s", c.GetSizing().GetMemoryMib(), f.GetOrigin(), f.GetReason())
			}
		}
	}
	want := map[string]string{
		"api cpu":           "2000 stated: The request says so.",
		"api memory":        "400 inferred: That is what orders use, which are alike (95th percentile).",
		"postgresql cpu":    "730 inferred: That is what pg-1, pg-2 use, which are alike (95th percentile).",
		"postgresql memory": "3100 inferred: That is what pg-1, pg-2 use, which are alike (95th percentile).",
		"redis cpu":         "100 assumed: Usual for redis to begin with; nothing is measured or stated.",
		"redis memory":      "256 assumed: Usual for redis to begin with; nothing is measured or stated.",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestWishes: what the requester says of an application in a repository goes before what the repository says, and no word makes a
// component that it does not have.
func TestWishes(t *testing.T) {
	app := applicationFrom(t, "shop", `
component web service @ k8s/web.yaml:4
image web run nginx:1.27 @ k8s/web.yaml:9
expose web cluster 80->80 - @ k8s/web.yaml:20
replicas web 1 @ k8s/web.yaml:6
component db stateful @ k8s/db.yaml:4
image db run postgres:16 @ k8s/db.yaml:9
replicas db 1 @ k8s/db.yaml:6`)
	profiles, err := New(Input{Payload: payloadOf("en", []string{"deploy https://git.example.org/shop.git with 3 replicas, reachable from the internet at shop.example.org, and redis"}, app)})
	if err != nil {
		t.Fatal(err)
	}
	checkProfiles(t, profiles)
	want := []string{
		"component web web nginx", "state web stateless", "exposure web public", "image web nginx:1.27", "port web 80/tcp", "replicas web 3..3", "host web shop.example.org", "differs web replicas", "differs web exposure",
		"component db database postgresql", "state db stateful", "exposure db application", "image db postgres:16", "replicas db 1..1",
	}
	if _, missing, extra := compare(want, lines(profiles[0])); len(missing)+len(extra) > 0 {
		t.Errorf("missing %q, too much %q", missing, extra)
	}
	if diff := cmp.Diff([]string{"3 (3 replicas)", "1 (k8s/web.yaml:6)"}, profiles[0].GetContradictions()[0].GetValues()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestReassigned: an intent in which a value stands at the wrong workload is read as the words mean it.
func TestReassigned(t *testing.T) {
	tests := map[string]struct {
		text string
		in   []*provisov1.Workload
		want []string
	}{
		"Port": {
			text: "containerise my Node API on port 3000 with a Postgres on kubernetes",
			in:   []*provisov1.Workload{{Name: new("postgres"), Image: new("postgres:16"), Replicas: proto.Int32(1), Port: proto.Int32(3000)}},
			want: []string{
				"component api api node", "port api 3000/tcp", "state api stateless", "exposure api application", "depends api postgres",
				"component postgres database postgresql", "image postgres postgres:16", "state postgres stateful", "exposure postgres application", "replicas postgres 1..1",
			},
		},
		"Bounds": {
			text: "scale nginx between 2 and 6 replicas at 70 % CPU on k3s",
			in:   []*provisov1.Workload{{Name: new("nginx"), Image: new("nginx:stable"), Replicas: proto.Int32(6)}},
			want: []string{"component nginx web nginx", "image nginx nginx:stable", "state nginx stateless", "exposure nginx application", "replicas nginx 2..6"},
		},
		"Host": {
			text: "Deploy WordPress with MySQL on k3s, reachable at blog.example.org",
			in: []*provisov1.Workload{
				{Name: new("wordpress"), Image: new("wordpress:6")},
				{Name: new("mysql"), Image: new("mysql:8.4"), Port: proto.Int32(3306), Exposure: new("ingress"), Host: new("blog.example.org")},
			},
			want: []string{
				"component wordpress web wordpress", "image wordpress wordpress:6", "state wordpress stateful", "exposure wordpress public", "host wordpress blog.example.org", "depends wordpress mysql",
				"component mysql database mysql", "image mysql mysql:8.4", "port mysql 3306/tcp", "state mysql stateful", "exposure mysql application",
			},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			payload := payloadOf("en", []string{tc.text})
			payload.Intent.Workloads = tc.in
			profiles, err := New(Input{Payload: payload})
			if err != nil {
				t.Fatal(err)
			}
			checkProfiles(t, profiles)
			if _, missing, extra := compare(tc.want, lines(profiles[0])); len(missing)+len(extra) > 0 {
				t.Errorf("missing %q, too much %q", missing, extra)
			}
		})
	}
}
