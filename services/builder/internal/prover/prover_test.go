package prover

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"proviso.dev/pkg/i18n"
	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/builder/internal/bpg"
	"proviso.dev/services/builder/internal/fixture"
	"proviso.dev/services/builder/internal/refine"
	"proviso.dev/services/builder/internal/review"
)

// tools skips the test where OpenTofu was not built.
func tools(t *testing.T) Tools {
	t.Helper()
	found, ok := Find("")
	if !ok {
		t.Skip("bin/tofu and bin/plugins are missing: run `make prover` first")
	}
	return found
}

// refined returns a manifest that the in-process stages accept.
func refined(t testing.TB, plan *provisov1.StrategicPlan, s *pve.Snapshot) Subject {
	t.Helper()
	v, err := review.New(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	loop := refine.New(v, plan, s, review.Index(s))
	if end := loop.Run(); end != refine.Satisfied {
		for _, f := range loop.Result.Open() {
			t.Errorf("%s %s: %s", f.Rule, f.Where(), f.Message("en"))
		}
		t.Fatalf("refinement ended %q", end)
	}
	return Subject{Files: loop.Files, Plan: plan, Snapshot: s, Resources: bpg.Resources(loop.Draft)}
}

func prove(t *testing.T, s Subject) []review.Stage {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	stages, err := New(Config{Tools: tools(t), Now: time.Now}).Prove(ctx, s, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, st := range stages {
		t.Logf("%-9s %-8s %v", st.Name, st.Outcome, st.Duration.Round(time.Millisecond))
		for _, f := range st.Findings {
			t.Logf("  %s %s: %s", f.Rule, f.Where(), f.Message("en"))
		}
	}
	return stages
}

// TestProven: what is applied is what was planned, cloud-init included, a second plan is empty, and destroying leaves
// nothing.
//
// Shows: T-3.3.5-302, T-3.3.5-325, T-4.4.2-04
func TestProven(t *testing.T) {
	tools(t)
	tests := map[string]struct {
		reason   string
		snapshot func(*pve.Snapshot)
		plan     func() *provisov1.StrategicPlan
	}{
		"Scenario4": {
			reason: "The machine of scenario 4, with nothing but assumptions.",
			plan:   func() *provisov1.StrategicPlan { return fixture.Plan(fixture.VM("webserver", 125)) },
		},
		"GroupUnderHA": {
			reason: "Alike machines are one resource over a map, each with its HA entry in a group of PVE 8.",
			plan: func() *provisov1.StrategicPlan {
				vms := fixture.Group("web", 3, 200)
				for _, vm := range vms {
					vm.Ha, vm.HaGroup, vm.Pool = true, "mainHA", "Backup-vms-pool"
				}
				return fixture.Plan(vms...)
			},
		},
		"EverythingWritten": {
			reason: "Text of people, a VLAN, two disks, a user with keys, DNS, a pool of the plan's own and protection survive apply and a second plan.",
			plan: func() *provisov1.StrategicPlan {
				vm := fixture.VM("db-1", 150)
				vm.Description = "say \"hi\" to ${var.x} and %{if}\nsecond line \u202e\u05d0"
				vm.Disks = append(vm.Disks, &provisov1.PlannedDisk{Slot: "scsi1", Storage: "local-lvm", SizeGib: 5, Discard: true, Iothread: true})
				vm.Disks[0].SizeGib = 40
				vm.Nics = []*provisov1.PlannedNIC{
					{Bridge: "vmbr0", Vlan: 30, Ipv4: "172.25.5.50/24", Gateway: "172.25.5.1", Model: "virtio"},
					{Bridge: "mainvnet", Ipv4: "dhcp", Model: "virtio"},
				}
				vm.Initialization.User, vm.Initialization.SshKeys = "admin-ubt", []string{fixture.Key}
				vm.Initialization.DnsServers, vm.Initialization.SearchDomain = []string{"9.9.9.9", "1.1.1.1"}, "lab.local"
				vm.Pool, vm.Protection, vm.MemoryMinMib = "team-a", true, 1024
				vm.Tags = []string{"db", "prod"}
				p := fixture.Plan(vm)
				comment := "made by ${nobody}"
				p.Pools = []*provisov1.Pool{{Name: "team-a", Comment: &comment}}
				return p
			},
		},
		"UserWithoutKeys": {
			reason: "The keys come from a variable that is empty unless somebody fills it.",
			plan: func() *provisov1.StrategicPlan {
				vm := fixture.VM("login", 140)
				vm.Initialization.User = "admin-ubt"
				return fixture.Plan(vm)
			},
		},
		"LinkedStopped": {
			reason: "A linked clone on another node, without cloud-init, agent or start.",
			plan: func() *provisov1.StrategicPlan {
				vm := fixture.VM("test", 300)
				vm.GetClone().Full, vm.Started, vm.Agent, vm.StartAtBoot, vm.Initialization = false, false, false, false, nil
				return fixture.Plan(vm)
			},
		},
		"ImageDownloaded": {
			reason: "A disk made from an image that the plan downloads first, and one from an image that is there.",
			plan: func() *provisov1.StrategicPlan {
				one, two := fixture.VM("img", 400), fixture.VM("img2", 401)
				one.Agent, two.Agent = false, false
				one.Source = &provisov1.PlannedVM_Image{Image: &provisov1.PlannedImage{Download: 0}}
				two.Source = &provisov1.PlannedVM_Image{Image: &provisov1.PlannedImage{Volume: "cephfs:import/noble-server-cloudimg-amd64.qcow2"}}
				p := fixture.Plan(one, two)
				p.Downloads = []*provisov1.ImageDownload{{
					Node: "pmox01", Storage: "cephfs", Url: "https://cloud-images.ubuntu.com/noble/current/noble-server-cloudimg-amd64.img",
					FileName: "noble-current.qcow2",
				}}
				return p
			},
		},
		"UEFI": {
			reason: "UEFI firmware brings its EFI disk.",
			plan: func() *provisov1.StrategicPlan {
				vm := fixture.VM("uefi", 410)
				vm.Agent, vm.Bios, vm.Machine = false, "ovmf", "q35"
				vm.Source = &provisov1.PlannedVM_Image{Image: &provisov1.PlannedImage{Volume: "cephfs:import/noble-server-cloudimg-amd64.qcow2"}}
				return fixture.Plan(vm)
			},
		},
		"MappedDevice": {
			reason: "A GPU by the name of its mapping, on PCI Express for an image's machine and without it for a template's.",
			snapshot: func(s *pve.Snapshot) {
				s.Mappings = []pve.Mapping{{Name: "gpu-rtx", Kind: pve.MappingPCI, Devices: []pve.MappingDevice{
					{Node: "pmox02", Path: "0000:01:00.0", ID: "10de:2204"}, {Node: "pmox03", Path: "0000:01:00.0", ID: "10de:2204"},
				}}}
				s.MappingsRead = []pve.MappingKind{pve.MappingPCI}
			},
			plan: func() *provisov1.StrategicPlan {
				image, clone := fixture.VM("gpu", 420), fixture.VM("gpu2", 421)
				image.Agent, image.Machine, image.Node, image.Mappings = false, "q35", "pmox02", []string{"gpu-rtx"}
				image.Source = &provisov1.PlannedVM_Image{Image: &provisov1.PlannedImage{Volume: "cephfs:import/noble-server-cloudimg-amd64.qcow2"}}
				clone.Mappings = []string{"gpu-rtx"}
				return fixture.Plan(image, clone)
			},
		},
		"RuleOfNine": {
			reason: "On PVE 9 guests follow a node-affinity rule through a rule of their own.",
			snapshot: func(s *pve.Snapshot) {
				s.Version, s.HAGroups = "9.1.1", nil
				s.HARules = []pve.HARule{{Name: "prefer-3", Type: "node-affinity", Resources: []string{"vm:101"}, Nodes: map[string]int{"pmox03": 2, "pmox01": 0}}}
				s.HAServices = []pve.HAService{{SID: "vm:101", State: "started"}}
			},
			plan: func() *provisov1.StrategicPlan {
				vm := fixture.VM("ha9", 500)
				vm.Ha, vm.HaGroup = true, "prefer-3"
				vms := fixture.Group("pair", 2, 510)
				for _, v := range vms {
					v.Ha, v.HaGroup = true, "prefer-3"
				}
				p := fixture.Plan(append(vms, vm)...)
				p.PlatformVersion = "9.1.1"
				return p
			},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s := fixture.Snapshot()
			if tc.snapshot != nil {
				tc.snapshot(s)
			}
			subject := refined(t, tc.plan(), s)
			for _, st := range prove(t, subject) {
				if st.Outcome != review.Passed {
					t.Errorf("%s\nstage %s %s", tc.reason, st.Name, st.Outcome)
				}
			}
			if t.Failed() {
				for _, f := range subject.Files {
					if f.Path == "main.tf" {
						t.Log(f.Content)
					}
				}
			}
		})
	}
}

// edit returns the subject with one text of its files replaced.
func edit(t *testing.T, s Subject, old, new string) Subject {
	t.Helper()
	s.Files = slices.Clone(s.Files)
	for i, f := range s.Files {
		if strings.HasSuffix(f.Path, ".tf") && strings.Contains(f.Content, old) {
			s.Files[i].Content = strings.Replace(f.Content, old, new, 1)
			return s
		}
	}
	t.Fatalf("no file holds %q", old)
	return s
}

// TestEachStageFinds: a fault is found by the stage that is there for it, and nothing after it is shown as passed.
//
// Shows: T-3.3.5-03
func TestEachStageFinds(t *testing.T) {
	tools(t)
	s := fixture.Snapshot()
	good := refined(t, fixture.Plan(fixture.VM("webserver", 125)), s)
	wrong := good
	wrong.Resources = 2
	tests := map[string]struct {
		reason  string
		subject Subject
		stage   string
		rule    string
	}{
		"Validate": {
			reason: "An argument that the provider does not know.", subject: edit(t, good, "  on_boot ", "  no_such = 1\n  on_boot "), stage: StageValidate, rule: "validate.failed",
		},
		"Plan": {
			reason: "A manifest that creates less than the intent says.", subject: wrong, stage: StagePlan, rule: "plan.counts",
		},
		"Apply": {
			reason: "A template that the cluster does not have.", subject: edit(t, good, "vm_id        = 100", "vm_id        = 99900"), stage: StageApply, rule: "apply.failed",
		},
		"ApplyDiffers": {
			reason: "A machine with more cores than the plan gives it.", subject: edit(t, good, "cores   = 2", "cores   = 4"), stage: StageApply, rule: "apply.differs",
		},
		"Replan": {
			reason: "An empty account, of which Proxmox VE keeps nothing.",
			subject: edit(t, good, "dynamic \"user_account\" {\n      for_each = length(var.ssh_public_keys) > 0 ? [var.ssh_public_keys] : []\n\n      content {\n        keys = user_account.value\n      }\n    }",
				"user_account {\n      keys = var.ssh_public_keys\n    }"),
			stage: StageReplan, rule: "replan.changes",
		},
		"Destroy": {
			reason: "A machine that may not be destroyed.", subject: edit(t, good, "  migrate         = true\n", "  migrate         = true\n  lifecycle {\n    prevent_destroy = true\n  }\n"),
			stage: StageDestroy, rule: "destroy.failed",
		},
	}
	unknown := i18n.Unknown()
	defer func() {
		if n := i18n.Unknown() - unknown; n != 0 {
			t.Errorf("%d texts are missing in the catalogue", n)
		}
	}()
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			stages := prove(t, tc.subject)
			for i, st := range stages {
				at := slices.Index(Stages(), tc.stage)
				want := review.Passed
				switch {
				case i == at:
					want = review.Failed
				case i > at:
					want = review.Skipped
				}
				if st.Outcome != want {
					t.Errorf("%s\nstage %s %s; want %s", tc.reason, st.Name, st.Outcome, want)
				}
				if i == at && !slices.ContainsFunc(st.Findings, func(f review.Finding) bool { return f.Rule == tc.rule }) {
					t.Errorf("%s\nfindings %v; want %s", tc.reason, st.Findings, tc.rule)
				}
			}
		})
	}
}

// A proof that is given up ends OpenTofu and its provider, and leaves no directory behind.
func TestCancel(t *testing.T) {
	found := tools(t)
	t.Setenv("TMPDIR", t.TempDir())
	s := refined(t, fixture.Plan(fixture.VM("webserver", 125)), fixture.Snapshot())
	ctx, cancel := context.WithCancel(t.Context())
	p := New(Config{Tools: found, Now: time.Now})
	_, err := p.Prove(ctx, s, func(st review.Stage) {
		if st.Name == StageValidate {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Prove() = %v; want %v", err, context.Canceled)
	}
	left, err := os.ReadDir(os.Getenv("TMPDIR"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range left {
		t.Errorf("%s was left behind", e.Name())
	}
	if _, err := p.Prove(t.Context(), s, nil); err != nil {
		t.Errorf("Prove() after a cancelled one = %v; want its place to be free", err)
	}
}

// A caller with little time gets its answer before that time is up, not a proof.
func TestLittleTime(t *testing.T) {
	p := New(Config{Now: time.Now})
	ctx, cancel := context.WithTimeout(t.Context(), margin+time.Millisecond)
	defer cancel()
	p.slots <- struct{}{}
	if _, err := p.Prove(ctx, Subject{}, nil); !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
		t.Errorf("Prove() = %v with the caller's context %v; want it to end before that", err, ctx.Err())
	}
}

// A proof that waits for its turn gives up with its caller.
func TestWaitForTurn(t *testing.T) {
	p := New(Config{Now: time.Now})
	p.slots <- struct{}{}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Prove(ctx, Subject{}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("Prove() = %v; want %v", err, context.Canceled)
	}
}

func TestFind(t *testing.T) {
	if found, ok := Find(t.TempDir()); ok {
		t.Errorf("tools were found in an empty directory: %+v", found)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "tofu"), nil, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, ok := Find(dir); ok {
		t.Error("OpenTofu without the provider counts as complete")
	}
}

// The surroundings' credentials must not reach OpenTofu.
func TestSandboxKnowsNothing(t *testing.T) {
	t.Setenv("PROXMOX_VE_PASSWORD", "of the real cluster")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "of somebody")
	box, err := newSandbox(Tools{Tofu: "/bin/true"}, []bpg.File{{Path: "../escape.tf"}, {Path: "main.tf"}, {Path: "README.md"}}, "https://127.0.0.1:1", "a@b!c=d", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer box.remove()
	for _, v := range box.env {
		if strings.Contains(v, "of the real cluster") || strings.Contains(v, "of somebody") || strings.HasPrefix(v, "PATH=/") {
			t.Errorf("the sandbox knows %q", v)
		}
	}
	entries, err := os.ReadDir(box.path("work"))
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 || entries[0].Name() != "main.tf" {
		t.Errorf("work holds %v; want main.tf alone", entries)
	}
}
