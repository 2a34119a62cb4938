package prover

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"

	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/builder/internal/review"
)

// A twinGuest is a guest as the twin's dump has it.
type twinGuest struct {
	Node    string            `json:"node"`
	Running bool              `json:"running"`
	Pool    string            `json:"pool"`
	Config  map[string]string `json:"config"`
}

// twinState is what a proof looks at in the twin's dump.
type twinState struct {
	Guests map[string]twinGuest `json:"guests"`
	Pools  map[string]twinPool  `json:"pools"`
	HA     struct {
		Resources map[string]map[string][]string `json:"resources"`
	} `json:"ha"`
}

// compare holds the machines on the twin against the plan.
func (r *run) compare(ctx context.Context) ([]review.Finding, error) {
	var state twinState
	if err := json.Unmarshal(r.cluster.Dump(), &state); err != nil {
		return nil, fmt.Errorf("decode dump of the twin: %w", err)
	}
	if state.Guests == nil {
		return nil, errNoGuests
	}
	var out []review.Finding
	for _, vm := range r.Plan.GetVirtualMachines() {
		g, ok := state.Guests["qemu/"+strconv.Itoa(int(vm.GetVmId()))]
		if !ok {
			out = append(out, finding("intent.missing", "", "what", "virtual machine", "name", vm.GetName()))
			continue
		}
		c := guestComparison{vm: vm, out: &out}
		c.machine(vm, g)
		_, ha := state.HA.Resources["vm:"+strconv.Itoa(int(vm.GetVmId()))]
		c.is("ha", vm.GetHa(), ha)
		if clone := vm.GetClone(); clone != nil {
			c.is("clone.vm_id", true, r.cloned(int(clone.GetVmId())))
		}
	}
	out = append(out, r.compareContainers(state)...)
	out = append(out, r.comparePools(state)...)
	adopted, err := r.compareAdopted(ctx, state)
	if err != nil {
		return nil, err
	}
	return append(out, adopted...), nil
}

// cloned reports whether the template was cloned: nothing in a full clone's configuration names its origin.
func (r *run) cloned(template int) bool {
	for _, q := range r.cluster.Requests() {
		if q.Method == http.MethodPost && strings.HasSuffix(q.Path, fmt.Sprintf("/qemu/%d/clone", template)) && q.Status == http.StatusOK {
			return true
		}
	}
	return false
}

type guestComparison struct {
	vm  interface{ GetName() string }
	out *[]review.Finding
}

func (c guestComparison) is(field string, want, got any) {
	if want != got {
		*c.out = append(*c.out, finding("apply.differs", "", "guest", c.vm.GetName(), "field", field, "want", fmt.Sprint(want), "got", fmt.Sprint(got)))
	}
}

func (c guestComparison) machine(vm *provisov1.PlannedVM, g twinGuest) {
	c.is("node", vm.GetNode(), g.Node)
	c.is("running", vm.GetStarted(), g.Running)
	c.is("pool", vm.GetPool(), g.Pool)
	c.is("name", vm.GetName(), g.Config["name"])
	c.is("cores", number(int(vm.GetCores())), orElse(g.Config["cores"], "1"))
	c.is("sockets", number(int(vm.GetSockets())), orElse(g.Config["sockets"], "1"))
	c.is("memory", number(int(vm.GetMemoryMib())), g.Config["memory"])
	c.is("tags", strings.Join(vm.GetTags(), ";"), g.Config["tags"])
	c.is("startup", startup(vm.GetStartup()), g.Config["startup"])
	for _, d := range vm.GetDisks() {
		volume, options := property(g.Config[d.GetSlot()])
		storage, _, _ := strings.Cut(volume, ":")
		c.is(d.GetSlot()+".storage", d.GetStorage(), storage)
		c.is(d.GetSlot()+".size", int(d.GetSizeGib()), gibibytes(options["size"]))
	}
	for i, n := range vm.GetNics() {
		slot := "net" + strconv.Itoa(i)
		_, options := property(g.Config[slot])
		c.is(slot+".bridge", n.GetBridge(), options["bridge"])
		c.is(slot+".tag", number(int(n.GetVlan())), orElse(options["tag"], "0"))
		if vm.GetInitialization() != nil {
			_, ip := property(g.Config["ipconfig"+strconv.Itoa(i)])
			c.is("ipconfig"+strconv.Itoa(i), n.GetIpv4(), ip["ip"])
			c.is("gateway", n.GetGateway(), ip["gw"])
		}
	}
	if init := vm.GetInitialization(); init != nil {
		c.is("cloud-init", true, strings.Contains(g.Config[init.GetSlot()], "cloudinit"))
		c.is("ciuser", init.GetUser(), g.Config["ciuser"])
		c.is("nameserver", strings.Join(init.GetDnsServers(), " "), g.Config["nameserver"])
		c.is("searchdomain", init.GetSearchDomain(), g.Config["searchdomain"])
		c.is("sshkeys", strings.Join(init.GetSshKeys(), "\n"), keys(g.Config["sshkeys"]))
	}
}

// keys reads the keys of cloud-init, which Proxmox VE keeps URL-encoded.
func keys(s string) string {
	decoded, err := url.PathUnescape(s)
	if err != nil {
		return s
	}
	return strings.TrimSpace(decoded)
}

func number(n int) string { return strconv.Itoa(n) }

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// property splits a value such as "pmoxpool01:vm-125-disk-0,size=32G" into its first word and its options.
func property(s string) (first string, options map[string]string) {
	options = map[string]string{}
	for i, part := range strings.Split(s, ",") {
		k, v, ok := strings.Cut(part, "=")
		if ok {
			options[k] = v
		} else if i == 0 {
			first = part
		}
	}
	return first, options
}

// gibibytes reads a size as Proxmox VE writes it.
func gibibytes(s string) int {
	n, err := strconv.ParseFloat(strings.TrimRight(s, "KMGT"), 64)
	if err != nil {
		return 0
	}
	switch {
	case strings.HasSuffix(s, "T"):
		n *= 1024
	case strings.HasSuffix(s, "M"):
		n /= 1024
	case strings.HasSuffix(s, "K"):
		n /= 1024 * 1024
	}
	return int(n)
}

// liftProtection makes protected guests of the plan removable on the twin.
func (r *run) liftProtection(ctx context.Context) error {
	for _, vm := range r.Plan.GetVirtualMachines() {
		if vm.GetProtection() {
			if err := r.unprotect(ctx, vm.GetNode(), "qemu", vm.GetVmId()); err != nil {
				return err
			}
		}
	}
	for _, ct := range r.Plan.GetContainers() {
		if ct.GetProtection() {
			if err := r.unprotect(ctx, ct.GetNode(), "lxc", ct.GetVmId()); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *run) unprotect(ctx context.Context, node, kind string, id int32) error {
	form := url.Values{"protection": {"0"}}
	q := httptest.NewRequestWithContext(ctx, http.MethodPut,
		fmt.Sprintf("/api2/json/nodes/%s/%s/%d/config", url.PathEscape(node), kind, id), strings.NewReader(form.Encode()))
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	q.Header.Set("Authorization", "PVEAPIToken="+r.token)
	w := httptest.NewRecorder()
	r.cluster.Handler().ServeHTTP(w, q)
	if w.Code != http.StatusOK {
		return fmt.Errorf("lift protection of %d: %s", id, w.Body)
	}
	return nil
}
