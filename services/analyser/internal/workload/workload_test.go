package workload

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"proviso.dev/pkg/i18n"
	provisov1 "proviso.dev/proto/proviso/v1"
)

func TestMilli(t *testing.T) {
	tests := map[string]struct {
		reason string
		want   int64
		ok     bool
	}{
		"500m": {"Thousandths.", 500, true}, "2": {"Whole ones.", 2000, true}, "1.5": {"Parts.", 1500, true}, "1Gi": {"Binary.", 1000 << 30, true},
		"1G": {"Decimal.", 1e12, true}, "1e3": {"An exponent.", 1e6, true}, "0": {"Nothing.", 0, true},
		"-1": {"No bound is negative.", 0, false}, "much": {"No quantity.", 0, false}, "": {"None.", 0, false},
	}
	for text, tt := range tests {
		if got, ok := milli(text); got != tt.want || ok != tt.ok {
			t.Errorf("%s\nmilli(%q) = %d, %v; want %d, %v", tt.reason, text, got, ok, tt.want, tt.ok)
		}
	}
}

func TestKinds(t *testing.T) {
	tests := map[string]struct {
		reason   string
		change   func(*provisov1.ProfileComponent)
		declared string
		want     string
	}{
		"Plain":          {reason: "Nothing says otherwise.", want: "deployment"},
		"KeepsData":      {reason: "Two pods of a Deployment would share a volume.", change: func(c *provisov1.ProfileComponent) { c.Stateful = true }, declared: "service", want: "statefulset"},
		"Daemon":         {reason: "The descriptors say so.", declared: "daemon", want: "daemonset"},
		"Job":            {reason: "A role says so.", change: func(c *provisov1.ProfileComponent) { c.Role = "job" }, want: "job"},
		"Scheduled":      {reason: "It has a schedule.", change: func(c *provisov1.ProfileComponent) { c.Schedule = "0 3 * * *" }, want: "cronjob"},
		"WithoutTheTime": {reason: "A CronJob without a schedule is refused by Kubernetes.", declared: "scheduled", want: "job"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := component("a", "web")
			if tt.change != nil {
				tt.change(c)
			}
			in := input("en", c)
			in.Applications[0].Read = &provisov1.Application{Components: []*provisov1.Component{{Name: "a", Kind: tt.declared}}}
			if got := decided(t, in).Workloads()[0].GetKind(); got != tt.want {
				t.Errorf("%s\nkind is %s, want %s", tt.reason, got, tt.want)
			}
		})
	}
}

// Shows: T-3.3.5-211
//
// A feature that the cluster lacks is never used: something else serves, and a finding says why.
func TestExposure(t *testing.T) {
	taken := func(s *provisov1.KubernetesState) { s.LoadBalancer.Pools[0].Used = 10 }
	noClass := func(s *provisov1.KubernetesState) { s.IngressClasses = nil }
	tests := map[string]struct {
		reason         string
		state          func(*provisov1.KubernetesState)
		component      func(*provisov1.ProfileComponent)
		want           string
		en, fr         string // part of a finding; empty: none
		policyDecision string
	}{
		"Address":      {reason: "MetalLB has one address left.", want: "load-balancer", policyDecision: "applied"},
		"NoAddress":    {reason: "All are taken.", state: taken, want: "ingress", en: "MetalLB has 0 of 10 announced addresses free", fr: "MetalLB a 0 adresses annoncées libres sur 10", policyDecision: "applied"},
		"NotAnnounced": {reason: "An address that nobody announces is reached by nobody.", state: func(s *provisov1.KubernetesState) { s.LoadBalancer.Pools[0].Announced = false }, want: "ingress", en: "0 of 0", fr: "sur 0", policyDecision: "applied"},
		"Nothing": {
			reason: "Neither addresses nor a class.", state: func(s *provisov1.KubernetesState) { taken(s); noClass(s) }, want: "cluster",
			en: "can only be reached inside the cluster", fr: "n'est joignable que dans le cluster", policyDecision: "recommended",
		},
		"Host":        {reason: "A host name asks for an ingress.", component: func(c *provisov1.ProfileComponent) { c.Hosts = []string{"shop.lab.local"} }, want: "ingress", policyDecision: "applied"},
		"HostNoClass": {reason: "Without a class the load balancer serves.", state: noClass, component: func(c *provisov1.ProfileComponent) { c.Hosts = []string{"shop.lab.local"} }, want: "load-balancer", en: "because the cluster has no ingress class", fr: "car le cluster n'a pas de classe d'ingress", policyDecision: "applied"},
		"Inside":      {reason: "Only the application reaches it.", component: func(c *provisov1.ProfileComponent) { c.Exposure = "application" }, want: "cluster", policyDecision: "recommended"},
		"NoPort":      {reason: "Nobody knows where it listens.", component: func(c *provisov1.ProfileComponent) { c.Ports = nil }, want: "none", en: "on which port it listens is not known", fr: "le port sur lequel il écoute n'est pas connu", policyDecision: "not_needed"},
	}
	for name, tt := range tests {
		for _, lang := range i18n.Langs() {
			t.Run(name+"/"+lang, func(t *testing.T) {
				c := component("web", "web")
				if tt.component != nil {
					tt.component(c)
				}
				in := input(lang, c)
				if tt.state != nil {
					tt.state(in.State)
				}
				s := decided(t, in)
				if got := s.Workloads()[0].GetExposure(); got != tt.want {
					t.Errorf("%s\nexposure is %s, want %s", tt.reason, got, tt.want)
				}
				part := tt.en
				if lang == i18n.French {
					part = tt.fr
				}
				if part != "" && !slices.ContainsFunc(s.Findings, func(f string) bool { return strings.Contains(f, part) }) {
					t.Errorf("%s\nfindings %q do not say %q", tt.reason, s.Findings, part)
				}
				if part == "" && len(s.Findings) > 0 {
					t.Errorf("%s\nfindings %q, want none", tt.reason, s.Findings)
				}
				for _, p := range s.Policies {
					if p.GetKind() == "access" && p.GetDecision() != tt.policyDecision {
						t.Errorf("%s\naccess is %s, want %s", tt.reason, p.GetDecision(), tt.policyDecision)
					}
				}
			})
		}
	}
}

// Two workloads do not share the last address.
func TestAddressesAreTaken(t *testing.T) {
	s := decided(t, input("en", component("a", "web"), component("b", "web")))
	got := []string{s.Workloads()[0].GetExposure(), s.Workloads()[1].GetExposure()}
	if diff := cmp.Diff([]string{"load-balancer", "ingress"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestStorageClasses(t *testing.T) {
	ceph := &provisov1.StorageClass{Name: "ceph", Provisioner: "rook-ceph.rbd.csi.ceph.com"}
	onSSD := &provisov1.InfrastructureAnalysis{Storages: []*provisov1.StorageDiagnosis{{Storage: "pool", Type: "rbd", Medium: "ssd", Active: true}}}
	tests := map[string]struct {
		reason   string
		state    func(*provisov1.KubernetesState)
		analysis *provisov1.InfrastructureAnalysis
		asked    string
		want     string
		refused  string
		says     string
	}{
		"Default": {reason: "The only one.", want: "local-path"},
		"Reach": {
			reason: "Data that lies on one node is lost with it: the class that every node reaches goes before the default.",
			state:  func(s *provisov1.KubernetesState) { s.StorageClasses = append(s.StorageClasses, ceph) }, want: "ceph", says: "which every node reaches, before the default one",
		},
		"SSD": {
			reason: "What Ceph's storages lie on is known.", analysis: onSSD,
			state: func(s *provisov1.KubernetesState) { s.StorageClasses = append(s.StorageClasses, ceph) }, want: "ceph", says: "which lies on SSD",
		},
		"Asked":        {reason: "What is asked for and exists is taken.", asked: "local-path", want: "local-path", says: "as asked"},
		"AskedMissing": {reason: "A class that does not exist gives way, and that is said with the real ones.", asked: "fast", want: "local-path", says: "asks for storage class fast, which does not exist (there are: local-path)"},
		"None":         {reason: "No class at all.", state: func(s *provisov1.KubernetesState) { s.StorageClasses = nil }, refused: CodeStorageClass, says: "no storage class at all"},
		"NoDefault": {
			reason: "Two classes, and none is the default.", refused: CodeStorageClass, says: "Name one of: local-path, ceph",
			state: func(s *provisov1.KubernetesState) {
				s.StorageClasses[0].Default = false
				s.StorageClasses = append(s.StorageClasses, ceph)
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := component("db", "database")
			c.Stateful, c.Volumes = true, []*provisov1.ProfileVolume{{Path: "/data", SizeGib: 20, StorageClass: tt.asked}}
			in := input("en", c)
			in.Analysis = tt.analysis
			if tt.state != nil {
				tt.state(in.State)
			}
			if tt.refused != "" {
				_, err := Decide(in)
				refused := new(RefusedError)
				if !errors.As(err, &refused) || refused.Code != tt.refused || !strings.Contains(refused.Message, tt.says) {
					t.Fatalf("%s\ngot %v %+v, want %s saying %q", tt.reason, err, refused, tt.refused, tt.says)
				}
				return
			}
			s := decided(t, in)
			if got := s.Workloads()[0].GetVolumes()[0].GetStorageClass(); got != tt.want {
				t.Errorf("%s\nclass is %s, want %s", tt.reason, got, tt.want)
			}
			if !slices.ContainsFunc(s.texts(), func(text string) bool { return strings.Contains(text, tt.says) }) {
				t.Errorf("%s\nnothing says %q in %q", tt.reason, tt.says, s.texts())
			}
		})
	}
}

// Shows: T-3.3.5-216
func TestQuotas(t *testing.T) {
	quota := func(resource, hard, used string) func(*provisov1.KubernetesState) {
		return func(s *provisov1.KubernetesState) {
			s.Namespaces[0].Quotas = []*provisov1.Quota{{Name: "team", Resource: resource, Hard: hard, Used: used}}
		}
	}
	tests := map[string]struct {
		reason string
		state  func(*provisov1.KubernetesState)
		en, fr string // empty: it fits
	}{
		"CPU":      {"Three pods of 500 m.", quota("requests.cpu", "4", "3"), "allows 4 of requests.cpu (quota team); 3 are in use and 1500m are asked for, so 1000m are left", "autorise 4 de requests.cpu (quota team) ; 3 sont utilisés et 1500m sont demandés, alors qu'il reste 1000m"},
		"Memory":   {"Three pods of 1 GiB.", quota("requests.memory", "8Gi", "6Gi"), "6Gi are in use and 3072Mi are asked for, so 2048Mi are left", "6Gi sont utilisés et 3072Mi sont demandés, alors qu'il reste 2048Mi"},
		"Pods":     {"Three of them.", quota("pods", "10", "8"), "8 are in use and 3 are asked for, so 2 are left", "8 sont utilisés et 3 sont demandés, alors qu'il reste 2"},
		"Balancer": {"One service of that type.", quota("services.loadbalancers", "1", "1"), "1 are in use and 1 are asked for, so 0 are left", "1 sont utilisés et 1 sont demandés, alors qu'il reste 0"},
		"Fits":     {"Exactly as much as there is.", quota("requests.cpu", "4500m", "3"), "", ""},
		"Other":    {"What workloads do not touch does not bind them, however full.", quota("count/secrets", "1", "1"), "", ""},
		"Full":     {"A quota that is exceeded already binds only what asks for more of it.", quota("persistentvolumeclaims", "1", "2"), "", ""},
		"Unread":   {"A bound that is no quantity is no bound.", quota("pods", "many", "1"), "", ""},
	}
	for name, tt := range tests {
		for lang, says := range map[string]string{"en": tt.en, "fr": tt.fr} {
			t.Run(name+"/"+lang, func(t *testing.T) {
				c := component("web", "web")
				c.Replicas, c.ReplicasMost = 3, 3
				in := input(lang, c)
				tt.state(in.State)
				_, err := Decide(in)
				refused := new(RefusedError)
				switch {
				case says == "" && err != nil:
					t.Errorf("%s\ngot %v", tt.reason, err)
				case says != "" && (!errors.As(err, &refused) || refused.Code != CodeQuota || !strings.Contains(refused.Message, says)):
					t.Errorf("%s\ngot %v %+v, want %q", tt.reason, err, refused, says)
				}
			})
		}
	}
}

// Shows: T-3.3.3-08, T-I.2.3-01
//
// Pods lie on hosts of their own as far as there are any, and each target says what its worker and its host have.
func TestSpread(t *testing.T) {
	c := component("web", "web")
	c.Replicas, c.ReplicasMost = 3, 3
	s := decided(t, input("en", c))
	want := "worker-1 has 2000 of 4000 m of CPU and 4096 of 8192 MiB free; a pod requests 500 m and 1024 MiB, so 4 fit. It is machine 201 on pmox01, which has 10240 of 32768 MiB of memory free for machines."
	if got := s.Workloads()[0].GetTargets()[0]; got.GetReason() != want || got.GetVmId() != 201 || got.GetHost() != "pmox01" || got.GetPods() != 3 {
		t.Errorf("target (-want +got):\n%s", cmp.Diff(want, got.GetReason()))
	}
	spread := func(s *Set) string {
		for _, p := range s.Policies {
			if p.GetKind() == "anti_affinity" && p.GetDecision() == "applied" {
				return p.GetSetting()
			}
		}
		return ""
	}
	if got := spread(s); got != "hosts=pmox01,pmox02,pmox03" {
		t.Errorf("spread over %s", got)
	}
	// Two workers share a host: the third pod goes there for want of another, and that is told.
	in := input("fr", c)
	in.Snapshot.Guests[2].Node = "pmox02"
	s = decided(t, in)
	if got := spread(s); got != "hosts=pmox01,pmox02" || !slices.ContainsFunc(s.Findings, func(f string) bool {
		return strings.Contains(f, "(workers : 3 ; hôtes : 2, pmox01, pmox02)")
	}) {
		t.Errorf("spread over %s, findings %q", got, s.Findings)
	}
	// Only two pods: the two hosts are enough, whichever worker has more room.
	c2 := proto.CloneOf(c)
	c2.Replicas = 2
	in = input("en", c2)
	in.Snapshot.Guests[1].Node = "pmox01"
	in.State.Nodes[2].RequestedMemoryBytes = 6 * gib
	if got := spread(decided(t, in)); got != "hosts=pmox01,pmox03" {
		t.Errorf("spread over %s, want both hosts", got)
	}
}

// Nodes that take nothing say why; what they have free counts for nothing.
func TestTargets(t *testing.T) {
	in := input("en", component("web", "web"))
	in.State.Nodes[0].Ready = false
	in.State.Nodes[1].Unschedulable = true
	in.State.Nodes[2].Taints = []string{"gpu=only:NoSchedule"}
	for i, n := range []*provisov1.KubernetesNode{
		{Name: "full", Ready: true, AllocatableCpuMilli: 4000, AllocatableMemoryBytes: 8 * gib, RequestedMemoryBytes: 8*gib - 512<<20, AllocatablePods: 110},
		{Name: "crowded", Ready: true, AllocatableCpuMilli: 4000, AllocatableMemoryBytes: 8 * gib, AllocatablePods: 30, Pods: 30},
		{Name: "busy", Ready: true, AllocatableCpuMilli: 4000, RequestedCpuMilli: 3600, AllocatableMemoryBytes: 8 * gib, AllocatablePods: 110},
		{Name: "good", Ready: true, AllocatableCpuMilli: 4000, AllocatableMemoryBytes: 8 * gib, AllocatablePods: 110, Taints: []string{"x:PreferNoSchedule"}},
	} {
		in.State.Nodes = slices.Insert(in.State.GetNodes(), 3+i, n)
	}
	s := decided(t, in)
	got := map[string]string{}
	for _, target := range s.Workloads()[0].GetTargets() {
		got[target.GetNode()] = target.GetOutcome() + ": " + strings.SplitAfter(target.GetReason(), ". ")[0]
	}
	want := map[string]string{
		"worker-1": "rejected: worker-1 is not ready. ",
		"worker-2": "rejected: worker-2 is cordoned: nothing new goes there. ",
		"worker-3": "rejected: worker-3 is kept for others by its taint gpu=only:NoSchedule. ",
		"full":     "rejected: full has 512 of 8192 MiB of memory free; a pod requests 1024 MiB. ",
		"crowded":  "rejected: crowded takes 0 more pods. ",
		"busy":     "rejected: busy has 400 of 4000 m of CPU free; a pod requests 500 m. ",
		"good":     "possible: good has 4000 of 4000 m of CPU and 8192 of 8192 MiB free; a pod requests 500 m and 1024 MiB, so 8 fit. ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("targets (-want +got):\n%s", diff)
	}
	if s.Workloads()[0].GetTargets()[0].GetNode() != "good" {
		t.Error("the only node that takes the pod is not the first")
	}
}

// Shows: T-3.4.2-01
//
// Room is counted over all workloads together: what one takes the next does not find. A worker more helps.
func TestShortage(t *testing.T) {
	c := component("web", "web")
	c.Replicas, c.ReplicasMost = 14, 14 // each worker has room for four: by memory 4096/1024, by CPU 2000/500
	s, err := Decide(input("en", c))
	if err != nil {
		t.Fatal(err)
	}
	want := Shortage{Pods: 2, Workloads: []string{"web"}, CPUMilli: 1000, MemoryMiB: 2048, LargestCPUMilli: 500, LargestMiB: 1024}
	if diff := cmp.Diff(want, s.Shortage(nil)); diff != "" {
		t.Errorf("shortage (-want +got):\n%s", diff)
	}
	if short := s.Shortage([]Worker{{Name: "new", CPUs: 2, MemoryMiB: 2048 + 512}}); short.Pods != 0 {
		t.Errorf("with a worker of exactly that size %d pods are short", short.Pods)
	}
	if short := s.Shortage([]Worker{{Name: "new", CPUs: 2, MemoryMiB: 2048 + 511}}); short.Pods != 1 {
		t.Errorf("with a worker a MiB too small %d pods are short, want 1", short.Pods)
	}
}

// Apart is a wish, room a condition: pods that only fit packed are packed.
func TestPackedBeforeShort(t *testing.T) {
	big, small := component("big", "web"), component("small", "web")
	big.Sizing.MemoryMib, small.Replicas, small.ReplicasMost = 4096, 8, 8
	s, err := Decide(input("en", big, small))
	if err != nil {
		t.Fatal(err)
	}
	if short := s.Shortage(nil); short.Pods != 0 {
		t.Errorf("%d pods are short: one worker takes the large pod, two the eight small ones", short.Pods)
	}
}

func TestOrder(t *testing.T) {
	web, api, db := component("web", "web"), component("api", "api"), component("db", "database")
	web.Dependencies, api.Dependencies = []string{"api"}, []string{"db", "smtp"}
	names := func(s *Set) (names []string) {
		for _, w := range s.Workloads() {
			names = append(names, w.GetName()+"<"+strings.Join(w.GetAfter(), ","))
		}
		return names
	}
	if diff := cmp.Diff([]string{"db<", "api<db", "web<api"}, names(decided(t, input("en", web, api, db)))); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	db.Dependencies = []string{"web"}
	s := decided(t, input("en", web, api, db))
	if len(s.Workloads()) != 3 || !slices.ContainsFunc(s.Findings, func(f string) bool { return strings.Contains(f, "in a circle") }) {
		t.Errorf("a circle gives %v and %q", names(s), s.Findings)
	}
}

// What the request says of the application goes to the component that people reach; what it says of one by name to that one.
func TestWishes(t *testing.T) {
	web, db := component("web", "web"), component("db", "database")
	db.Exposure, web.Exposure = "application", "public"
	in := input("en", db, web)
	in.Wishes = []Wish{
		{Workload: &provisov1.Workload{Replicas: proto.Int32(3), ReplicasMost: proto.Int32(6), Exposure: new("ingress"), Host: new("shop.lab.local"), Namespace: new("shop")}},
		{Workload: &provisov1.Workload{Name: new("db"), MemoryMib: proto.Int32(2048)}},
		{Workload: &provisov1.Workload{Image: new("redis:7")}, Profile: 1, Component: component("redis", "cache")},
	}
	s := decided(t, in)
	byName := map[string]*provisov1.PlannedWorkload{}
	for _, w := range s.Workloads() {
		byName[w.GetName()] = w
	}
	if w := byName["web"]; w.GetReplicas() != 3 || w.GetExposure() != "ingress" || !slices.Equal(w.GetHosts(), []string{"shop.lab.local"}) || w.GetNamespace() != "shop" {
		t.Errorf("web is %v", w)
	}
	if w := byName["db"]; w.GetSizing().GetMemoryMib() != 2048 || w.GetReplicas() != 1 || w.GetNamespace() != "shop" {
		t.Errorf("db is %v", w)
	}
	if w := byName["redis"]; w.GetImage() != "redis:7" || w.GetProfile() != 1 || w.GetNamespace() != "default" {
		t.Errorf("redis is %v", w)
	}
	for _, p := range s.Policies {
		if p.GetSubject() == "web" && p.GetKind() == "scaling" && (p.GetDecision() != "applied" || p.GetSetting() != "min=3 max=6 cpu>70%") {
			t.Errorf("scaling is %v", p)
		}
	}
	if !slices.ContainsFunc(s.Findings, func(f string) bool { return strings.Contains(f, "Namespace shop does not exist yet") }) {
		t.Errorf("findings %q do not name the namespace", s.Findings)
	}
}

// An autoscaler needs figures: without a metrics server it is advice, and the plan says why.
func TestNoMetrics(t *testing.T) {
	c := component("web", "web")
	c.ReplicasMost = 4
	in := input("en", c)
	in.State.Workloads = nil
	for _, p := range decided(t, in).Policies {
		if p.GetKind() == "scaling" && (p.GetDecision() != "recommended" || !strings.Contains(p.GetReason(), "no metrics server was found")) {
			t.Errorf("scaling is %v", p)
		}
	}
}

// A component without an image is left out by name: no image is invented.
func TestNoImage(t *testing.T) {
	c := component("web", "web")
	c.Image = ""
	for lang, says := range map[string]string{"en": "has to be built", "fr": "il faut d'abord la construire"} {
		s := decided(t, input(lang, c))
		if len(s.Workloads()) != 0 || len(s.Omissions) != 1 || !strings.Contains(s.Omissions[0].GetReason(), says) {
			t.Errorf("workloads %v, omissions %v", s.Workloads(), s.Omissions)
		}
	}
}
