package e2e

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"proviso.dev/pkg/twin"
	"proviso.dev/test/harness"
)

// TestSameRequestOtherCluster wants the present state of each cluster in the manifest: the fresh node where there is one, groups
// on Proxmox VE 8 and rules on 9. Each manifest is proven and applied on its own cluster.
//
// Shows: T-0-04, T-3.2-01, T-4.3.7-01
func TestSameRequestOtherCluster(t *testing.T) {
	const prompt = "crée une VM nommée vitale depuis le template 100 en haute disponibilité dans le groupe HA mainHA"
	tests := map[string]struct {
		reason   string
		state    twin.State
		version  string
		contains string // in main.tf
	}{
		"ThreeNodes": {reason: "mainHA is a group on Proxmox VE 8.", state: twin.S2, contains: "proxmox_haresource"},
		"Rules":      {reason: "Proxmox VE 9 has rules in place of groups.", state: twin.S2, version: "9.1.1", contains: "proxmox_harule"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
			defer cancel()
			l := newLabIn(t, tc.state, tc.version)
			before := l.dump(t)
			client := serve(t, l)
			id, err := client.Post(ctx, harness.Request{Prompt: prompt, Confirmed: true})
			if err != nil {
				t.Fatal(err)
			}
			run := wait(t, ctx, client, id)
			if run.GetState() != "delivered" || run.GetProof().GetStatus() != "proven" {
				t.Fatalf("%s\nwant delivered and proven, got %s: %v %v %v", tc.reason, run.GetState(), run.GetFailure(), run.GetRefusal(), run.GetProof())
			}
			if age := time.Since(run.GetSnapshotTakenAt().AsTime()); age < 0 || age > time.Minute {
				t.Errorf("the run does not say when the cluster was read: %v", run.GetSnapshotTakenAt())
			}
			dir := client.Unpack(t, ctx, id)
			main, err := os.ReadFile(dir + "/main.tf")
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(main), tc.contains) {
				t.Errorf("%s\nmain.tf holds no %s:\n%s", tc.reason, tc.contains, main)
			}
			tofu := harness.NewTofu(t, dir, l.url(), l.token(), l.ca())
			if err := tofu.Init(ctx); err != nil {
				t.Fatal(err)
			}
			if _, err := tofu.Apply(ctx); err != nil {
				t.Fatal(err)
			}
			if empty, out, err := tofu.Empty(ctx); err != nil || !empty {
				t.Errorf("the second plan is not empty (%v):\n%s", err, out)
			}
			if _, err := tofu.Destroy(ctx); err != nil {
				t.Fatal(err)
			}
			if after := l.dump(t); after != before {
				t.Errorf("destroy left traces:\n%s", firstDifference(before, after))
			}
		})
	}
}

// TestSkippedStagesSaySo takes OpenTofu away: what could not be checked is not shown as passed.
//
// Shows: T-0-06, T-3.2-03
func TestSkippedStagesSaySo(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	client := serve(t, newLab(t), "PROVISO_PROVER_DIR="+t.TempDir())
	id, err := client.Post(ctx, harness.Request{Prompt: "create a VM named plain from template 100", Confirmed: true})
	if err != nil {
		t.Fatal(err)
	}
	run := wait(t, ctx, client, id)
	if run.GetState() != "delivered" || run.GetProof().GetStatus() != "validated" {
		t.Fatalf("want delivered and validated, got %s and %v", run.GetState(), run.GetProof())
	}
	for _, s := range run.GetProof().GetStages() {
		switch s.GetName() {
		case "validate", "plan", "apply", "replan", "destroy":
			if s.GetStatus() != "skipped" || s.GetSummary() == "" {
				t.Errorf("stage %s: want skipped with a reason, got %s %q", s.GetName(), s.GetStatus(), s.GetSummary())
			}
		default:
			if s.GetStatus() != "passed" {
				t.Errorf("stage %s: want passed, got %s", s.GetName(), s.GetStatus())
			}
		}
	}
}

// offline is set in the process that the next test starts in a network namespace of its own.
const offline = "PROVISO_TEST_OFFLINE"

// TestMain runs a command without any network but loopback when it is asked to, else the tests.
func TestMain(m *testing.M) {
	if path := os.Getenv(offline); path != "" {
		if err := loopbackUp(); err != nil {
			os.Stderr.WriteString(err.Error())
			os.Exit(99)
		}
		err := syscall.Exec(path, append([]string{path}, os.Args[1:]...), os.Environ())
		os.Stderr.WriteString(err.Error())
		os.Exit(98)
	}
	os.Exit(m.Run())
}

// TestWithoutTheInternet runs the main path where no address but loopback exists and no model is configured.
//
// Shows: T-0-08
func TestWithoutTheInternet(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "ask", "--json", "--yes", "create a web server based on the vm template id 100")
	cmd.Env = harness.Environ(offline+"="+harness.Binary(t, "./services/proviso"), "PROVISO_PROOF=validated")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWNET | syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	}
	out, err := cmd.Output()
	if errors.Is(err, fs.ErrPermission) {
		t.Skipf("this machine allows no network namespace: %v", err)
	}
	if err != nil || !strings.Contains(string(out), `"delivered"`) {
		t.Errorf("want delivered without a network, got %v\n%s", err, out)
	}
}

// loopbackUp switches the loopback interface of a new network namespace on.
func loopbackUp() error {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	defer func() { _ = syscall.Close(fd) }()
	request := struct {
		name  [16]byte
		flags uint16
		_     [22]byte
	}{flags: syscall.IFF_UP | syscall.IFF_RUNNING}
	copy(request.name[:], "lo")
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), syscall.SIOCSIFFLAGS, uintptr(unsafe.Pointer(&request))); errno != 0 {
		return errno
	}
	return nil
}
