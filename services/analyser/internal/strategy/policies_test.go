package strategy

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"proviso.dev/pkg/i18n"
	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// A policy is applied only where the manifest does it; what the cluster does already is inherited; the rest is advice.
func TestPolicies(t *testing.T) {
	jobs := func(js ...pve.BackupJob) func(*pve.Snapshot) {
		return func(s *pve.Snapshot) { s.Backup = pve.Backup{Jobs: js, JobsRead: true} }
	}
	onLocal := func(vm *provisov1.VirtualMachine) { vm.Disks = []*provisov1.Disk{{Storage: new("local-lvm")}} }
	tests := map[string]struct {
		reason   string
		vm       *provisov1.VirtualMachine
		change   func(*provisov1.VirtualMachine)
		snapshot func(*pve.Snapshot)
		kind     string
		decision string
		setting  string
		en, fr   string
	}{
		"HAAsked": {
			reason: "The manifest has an HA entry.", vm: webserver(), change: func(vm *provisov1.VirtualMachine) {
				vm.Ha = &provisov1.HighAvailability{Enabled: new(true), Group: new("mainHA")}
			},
			kind: "ha", decision: applied, setting: "group=mainHA", en: "another of the 3 nodes online", fr: "un autre des 3 nœuds en ligne",
		},
		"HAOfData":   {reason: "One of it, with data, on shared storage.", vm: database(), kind: "ha", decision: recommended, setting: "group=mainHA", en: "keeps data and there is only one of it: HA would start it again on another of the 3 nodes online", fr: "conserve des données et il n'y en a qu'un exemplaire"},
		"HAOfDatas":  {reason: "There are three of it, each with data of its own.", vm: database(), change: func(vm *provisov1.VirtualMachine) { vm.Count = new(int32(3)) }, kind: "ha", decision: recommended, setting: "group=mainHA", en: "keeps data of its own", fr: "conserve ses propres données"},
		"HAOnLocal":  {reason: "A disk of one node stays behind.", vm: database(), change: onLocal, snapshot: func(s *pve.Snapshot) { widen(s, "local-lvm", 500*gib) }, kind: "ha", decision: notNeeded, en: "belongs to pmox", fr: "n'appartient qu'à pmox"},
		"HAApart":    {reason: "Its like go on.", vm: replicas(), kind: "ha", decision: notNeeded, en: "has 2 like it on other nodes", fr: "a 2 semblables sur d'autres nœuds"},
		"HAOfWorker": {reason: "Nobody asked, and pods go elsewhere.", vm: worker(), kind: "ha", decision: notNeeded, en: "Nobody asked for HA", fr: "Personne n'a demandé la HA"},
		"BackupAll": {
			reason: "A job of the whole cluster takes what comes.", vm: webserver(), snapshot: jobs(pve.BackupJob{ID: "nightly", Enabled: true, All: true, Schedule: "02:00", Storage: "cephfs"}),
			kind: "backup", decision: inherited, setting: "job=nightly", en: "Job nightly (02:00, to cephfs) takes webserver", fr: "La tâche nightly (02:00, vers cephfs) prend webserver",
		},
		"BackupExcluded": {
			reason: "The job leaves out the id that the machine gets.", vm: webserver(), snapshot: jobs(pve.BackupJob{ID: "nightly", Enabled: true, All: true, Exclude: []int{125}}),
			kind: "backup", decision: recommended, setting: "vmid=125", en: "No backup job takes webserver (jobs read: 1)", fr: "Aucune tâche de sauvegarde ne prend webserver (tâches lues : 1)",
		},
		"BackupOff": {
			reason: "A job that is switched off saves nothing.", vm: database(), snapshot: jobs(pve.BackupJob{ID: "nightly", All: true}),
			kind: "backup", decision: recommended, setting: "vmid=125", en: "keeps data, and no backup job takes it", fr: "conserve des données, et aucune tâche de sauvegarde ne le prend",
		},
		"BackupPool": {
			reason: "Membership of the pool would do.", vm: database(), snapshot: jobs(pve.BackupJob{ID: "weekly", Enabled: true, Pool: "Backup-vms-pool", Schedule: "sat 03:00"}),
			kind: "backup", decision: recommended, setting: "pool=Backup-vms-pool", en: "In pool Backup-vms-pool job weekly (sat 03:00) would", fr: "Dans le pool Backup-vms-pool, la tâche weekly (sat 03:00) le prendrait",
		},
		"BackupInPool": {
			reason: "It joins the pool.", vm: database(), change: func(vm *provisov1.VirtualMachine) { vm.Pool = new("Backup-vms-pool") },
			snapshot: jobs(pve.BackupJob{ID: "weekly", Enabled: true, Pool: "Backup-vms-pool"}), kind: "backup", decision: inherited, setting: "job=weekly", en: "Job weekly", fr: "La tâche weekly",
		},
		"BackupUnread": {reason: "What was not read is not said to be missing.", vm: webserver(), kind: "backup", decision: recommended, en: "could not be read", fr: "n'ont pas pu être lues"},
		"Tags":         {reason: "They are on the machine.", vm: webserver(), change: func(vm *provisov1.VirtualMachine) { vm.Tags = []string{"prod"} }, kind: "monitoring", decision: applied, setting: "tags=prod", en: "The tags prod", fr: "Les étiquettes prod"},
		"NoTags":       {reason: "None was asked for.", vm: webserver(), kind: "monitoring", decision: recommended, setting: "tags=web-server", en: "has no tag", fr: "n'a pas d'étiquette"},
		"Secret":       {reason: "Keys come through a variable.", vm: webserver(), kind: "secret", decision: applied, setting: "variable", en: "none is written into it", fr: "aucune n'y est écrite"},
		"Vertical":     {reason: "A second database has no data.", vm: database(), kind: "scaling", decision: recommended, en: "it grows in size, and pmox03 keeps 14.0 GiB free", fr: "il faut l'agrandir, et pmox03 garde 14,0 Gio libres"},
		"Horizontal":   {reason: "More web servers share the load.", vm: webserver(), kind: "scaling", decision: recommended, setting: "min=1 max=3 cpu>70%", en: "20 more of 2 vCPUs and 2048 MiB would fit on the nodes (21 in all)", fr: "en ajouter 20 de 2 vCPU et 2048 Mio sur les nœuds (21 en tout)"},
		"StartAsked": {
			reason: "It is in the manifest.", vm: webserver(), change: func(vm *provisov1.VirtualMachine) {
				vm.StartAtBoot, vm.Startup = new(true), &provisov1.Startup{Order: proto.Int32(2), UpDelaySeconds: proto.Int32(30)}
			},
			kind: "start_order", decision: applied, setting: "order=2 up=30", en: "Asked for", fr: "Demandé",
		},
	}
	for name, tt := range tests {
		for lang, says := range map[string]string{"en": tt.en, "fr": tt.fr} {
			t.Run(name+"/"+lang, func(t *testing.T) {
				s, vm := lab(), proto.CloneOf(tt.vm)
				if tt.change != nil {
					tt.change(vm)
				}
				if tt.snapshot != nil {
					tt.snapshot(s)
				}
				p, _ := planned(t, input(s, payload(lang, vm)))
				if err := wire.Validate(p); err != nil {
					t.Errorf("plan breaks the contract: %v", err)
				}
				got := policyOf(p, p.GetVirtualMachines()[0].GetName(), tt.kind)
				if got.GetDecision() != tt.decision || got.GetSetting() != tt.setting || !strings.Contains(got.GetReason(), says) {
					t.Errorf("%s\ngot %v\nwant %s %q saying %q", tt.reason, got, tt.decision, tt.setting, says)
				}
			})
		}
	}
}

// A database starts before the web server that needs it.
func TestStartOrderByRole(t *testing.T) {
	p, _ := planned(t, input(lab(), payload("en", webserver(), database())))
	db, web := policyOf(p, "database", "start_order"), policyOf(p, "webserver", "start_order")
	if db.GetSetting() != "order=3" || !strings.Contains(db.GetReason(), "starts before what needs it (webserver)") {
		t.Errorf("database: %v", db)
	}
	if web.GetSetting() != "order=6" || !strings.Contains(web.GetReason(), "webserver needs database and starts after") {
		t.Errorf("webserver: %v", web)
	}
	for _, a := range policiesOf(p, "database", "access") {
		if a.GetAccess().GetFrom() != "webserver" || a.GetAccess().GetPort() != 5432 && a.GetAccess().GetPort() != 3306 {
			t.Errorf("who reaches the database: %v", a)
		}
	}
}

func policiesOf(p *provisov1.StrategicPlan, subject, kind string) []*provisov1.TargetPolicy {
	return slices.DeleteFunc(slices.Clone(p.GetPolicies()), func(x *provisov1.TargetPolicy) bool { return x.GetSubject() != subject || x.GetKind() != kind })
}

// Every kind of plan keeps the contract and says what it is for: containers, pools, changes, and as many machines as there may be.
//
// Shows: T-3.3.5-214
func TestEveryPlanIsWhole(t *testing.T) {
	tests := map[string]func(*pve.Snapshot, *provisov1.ContextPayload){
		"Pool": func(_ *pve.Snapshot, c *provisov1.ContextPayload) {
			c.Intent.VirtualMachines, c.Intent.Pools = nil, []*provisov1.Pool{{Name: "team"}}
		},
		"PoolAndMachine": func(_ *pve.Snapshot, c *provisov1.ContextPayload) {
			c.Intent.Pools = []*provisov1.Pool{{Name: "team"}}
			c.Intent.VirtualMachines[0].Pool = new("team")
		},
		"Hundred": func(s *pve.Snapshot, c *provisov1.ContextPayload) {
			for i := range 3 {
				s.Nodes[i].MemoryBytes, s.Nodes[i].CPUs = 4096*gib, 400
			}
			widen(s, "pmoxpool01", 1<<20*gib)
			c.Intent.VirtualMachines = slices.Repeat([]*provisov1.VirtualMachine{many(webserver(), 10)}, 64)
		},
		"LongNames": func(_ *pve.Snapshot, c *provisov1.ContextPayload) {
			vm := replicas()
			vm.Name = new(strings.Repeat("n", 60))
			vm.Tags = []string{strings.Repeat("t", 64)}
			c.Intent.VirtualMachines = []*provisov1.VirtualMachine{vm}
			c.Intent.Goal = new(strings.Repeat("é", 1024))
		},
	}
	for name, change := range tests {
		for _, lang := range i18n.Langs() {
			t.Run(name+"/"+lang, func(t *testing.T) {
				before := i18n.Unknown()
				s, c := lab(), payload(lang, webserver())
				change(s, c)
				p, d := planned(t, input(s, c))
				if err := wire.Validate(p); err != nil {
					t.Fatalf("plan breaks the contract: %v", err)
				}
				if len(p.GetAims()) == 0 || d.Summary(p) == "" {
					t.Errorf("plan says nothing of what it is for: %v", p.GetAims())
				}
				if n := i18n.Unknown() - before; n > 0 {
					t.Errorf("%d texts are missing", n)
				}
			})
		}
	}
}

func many(vm *provisov1.VirtualMachine, n int32) *provisov1.VirtualMachine {
	vm.Count = new(n)
	return vm
}

// A pool that a machine joins is made before it.
func TestStepsOfPools(t *testing.T) {
	c := payload("en", webserver())
	c.Intent.Pools = []*provisov1.Pool{{Name: "team"}}
	c.Intent.VirtualMachines[0].Pool = new("team")
	p, _ := planned(t, input(lab(), c))
	if got := steps(p); !slices.Equal(got, []string{"1 pool team manifest", "2 virtual_machine webserver manifest"}) {
		t.Errorf("steps are %v", got)
	}
	p, _ = planned(t, input(lab(), payload("en", webserver())))
	if got := steps(p); len(got) > 0 {
		t.Errorf("one machine has an order: %v", got)
	}
}

// Shows: T-3.3.5-216
//
// A Kubernetes cluster without room, and no template that is plainly one for workers: the refusal says what is short.
func TestKubernetesFull(t *testing.T) {
	for lang, says := range map[string]string{"en": "has no room for 3 pods of web (1500 m of CPU and 3072 MiB)", "fr": "n'a pas de place pour 3 pods de web (1500 m de CPU et 3072 Mio)"} {
		s, c := lab(), payload(lang)
		second := s.Guests[0]
		second.VMID, second.Name = 99, "another-k3s-template"
		s.Guests = append([]pve.Guest{second}, s.Guests...)
		shop(c)
		c.Kubernetes = workers(1000, 8192-1023)
		_, err := New(input(s, c))
		if err == nil || !strings.Contains(errText(err), CodeNoCapacity) || !strings.Contains(errText(err), says) {
			t.Errorf("got %v, want %q", errText(err), says)
		}
	}
}

// BenchmarkPlan is a draft with its plan, of one machine and of a thousand.
func BenchmarkPlan(b *testing.B) {
	for _, n := range []int{1, 10} {
		b.Run(fmt.Sprintf("%dx100", n), func(b *testing.B) {
			s := lab()
			for i := range 3 {
				s.Nodes[i].MemoryBytes, s.Nodes[i].CPUs = 4096*gib, 400
			}
			widen(s, "pmoxpool01", 1<<20*gib)
			in := input(s, payload("en", slices.Repeat([]*provisov1.VirtualMachine{many(webserver(), 100)}, n)...))
			for b.Loop() {
				d, err := New(in)
				if err != nil {
					b.Fatal(err)
				}
				var ids []Identity
				for i := range d.Wanted() {
					ids = append(ids, Identity{VMID: 1000 + i, Name: fmt.Sprintf("web-%d", i)})
				}
				if _, err := d.Plan(ids); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
