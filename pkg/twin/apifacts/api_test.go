package apifacts

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func load(t *testing.T, r Release) *API {
	t.Helper()
	a, err := Load(r)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Everything is decoded lazily, so a broken line would only show when somebody calls that method.
func TestEveryLineDecodes(t *testing.T) {
	want := map[Release]int{PVE8: 605, PVE9: 649} // as counted in the head of each file
	for release, count := range want {
		a := load(t, release)
		if got := len(a.Endpoints()); got != count {
			t.Errorf("%s: got %d endpoints, want %d", release, got, count)
		}
		for _, e := range a.Endpoints() {
			e.definition()
			for name, p := range e.def.Parameters {
				checkParam(t, a, e.Method+" "+e.Path+" "+name, p)
			}
		}
	}
}

func checkParam(t *testing.T, a *API, where string, p *Param) {
	t.Helper()
	if p.Options != "" {
		if a.options[p.Options] == nil {
			t.Fatalf("%s: no option table %s", where, p.Options)
		}
		for key, option := range a.options[p.Options].table() {
			checkParam(t, a, where+" "+key, option)
		}
	}
	if p.Pattern != "" {
		if _, err := regexp.Compile(p.Pattern); err != nil {
			t.Errorf("%s: %v", where, err)
		}
	}
}

func TestRoute(t *testing.T) {
	tests := map[string]struct {
		reason, method, path string
		want                 string
		variables            map[string]string
	}{
		"Plain":    {reason: "a path without variables", method: "GET", path: "/version", want: "/version", variables: map[string]string{}},
		"Slash":    {reason: "the provider ends some paths in a slash", method: "POST", path: "/cluster/ha/groups/", want: "/cluster/ha/groups", variables: map[string]string{}},
		"Volume":   {reason: "a volume id holds an escaped slash", method: "GET", path: "/nodes/n/storage/s/content/s:iso%2Fx.iso", want: "/nodes/{node}/storage/{storage}/content/{volume}", variables: map[string]string{"node": "n", "storage": "s", "volume": "s:iso/x.iso"}},
		"UPID":     {reason: "a task id holds an escaped exclamation mark", method: "GET", path: "/nodes/n/tasks/UPID:n:1:1:1:t:1:root@pam%21tf:/status", want: "/nodes/{node}/tasks/{upid}/status", variables: map[string]string{"node": "n", "upid": "UPID:n:1:1:1:t:1:root@pam!tf:"}},
		"Literal":  {reason: "a literal wins over a variable", method: "GET", path: "/nodes/n/qemu", want: "/nodes/{node}/qemu", variables: map[string]string{"node": "n"}},
		"NoPath":   {reason: "an unknown path is not implemented", method: "GET", path: "/nodes/n/nothing"},
		"NoMethod": {reason: "a known path without that method neither", method: "DELETE", path: "/version"},
		"Prefix":   {reason: "a path must not match by its beginning", method: "GET", path: "/version/more"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			e, variables, err := load(t, PVE8).Route(tc.method, tc.path)
			if tc.want == "" {
				if err == nil {
					t.Fatalf("%s: got %s, want an error", tc.reason, e.Path)
				}
				return
			}
			if err != nil {
				t.Fatalf("%s: %v", tc.reason, err)
			}
			if diff := cmp.Diff(tc.want, e.Path); diff != "" {
				t.Errorf("%s: path (-want +got):\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(tc.variables, variables); diff != "" {
				t.Errorf("%s: variables (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	const config, clone = "/nodes/n/qemu/101/config", "/nodes/n/qemu/100/clone"
	tests := map[string]struct {
		reason, method, path, query string
		release                     Release
		want                        map[string]string // parameter to a part of the message
	}{
		"Clean":          {reason: "the provider's own clone call", method: "POST", path: clone, query: "newid=125&full=1&name=web"},
		"Missing":        {reason: "newid is required", method: "POST", path: clone, query: "full=1", want: map[string]string{"newid": "not optional"}},
		"Unknown":        {reason: "parameters outside the schema are refused", method: "POST", path: clone, query: "newid=125&colour=red", want: map[string]string{"colour": "not defined in schema"}},
		"Type":           {reason: "integers are decimal", method: "PUT", path: config, query: "cores=two", want: map[string]string{"cores": "type check ('integer')"}},
		"Bool":           {reason: "a boolean has four spellings each way", method: "PUT", path: config, query: "onboot=maybe", want: map[string]string{"onboot": "type check ('boolean')"}},
		"BoolWord":       {reason: "yes is a boolean", method: "PUT", path: config, query: "onboot=yes"},
		"Minimum":        {reason: "at least one core", method: "PUT", path: config, query: "cores=0", want: map[string]string{"cores": "minimum value of 1"}},
		"Maximum":        {reason: "a VMID has nine digits", method: "POST", path: clone, query: "newid=1000000000", want: map[string]string{"newid": "maximum value of 999999999"}},
		"Enum":           {reason: "only known firmwares", method: "PUT", path: config, query: "bios=coreboot", want: map[string]string{"bios": "enumeration"}},
		"Pattern":        {reason: "a serial port is a device or a socket", method: "PUT", path: config, query: "serial0=pipe", want: map[string]string{"serial0": "regex"}},
		"Indexed":        {reason: "net31 stands for net[n]", method: "PUT", path: config, query: "net31=virtio,bridge=vmbr0"},
		"IndexedBare":    {reason: "net without number is no parameter", method: "PUT", path: config, query: "net=virtio", want: map[string]string{"net": "not defined"}},
		"NIC":            {reason: "the provider's way to write a NIC", method: "PUT", path: config, query: "net0=model%3Dvirtio,bridge%3Dvmbr0,firewall%3D0"},
		"NICKeyAlias":    {reason: "the model as key means model and address", method: "PUT", path: config, query: "net0=virtio%3DBC:24:11:00:00:01,bridge%3Dvmbr0"},
		"NICNoModel":     {reason: "a NIC has a model", method: "PUT", path: config, query: "net0=bridge%3Dvmbr0", want: map[string]string{"net0": "model: property is missing"}},
		"NICTag":         {reason: "VLAN tags end at 4094", method: "PUT", path: config, query: "net0=virtio,tag%3D5000", want: map[string]string{"net0": "maximum value of 4094"}},
		"DiskOption":     {reason: "unknown option of a property string", method: "PUT", path: config, query: "scsi0=S:8,colour%3Dred", want: map[string]string{"scsi0": "colour: property is not defined"}},
		"DiskEnum":       {reason: "enumeration inside a property string", method: "PUT", path: config, query: "scsi0=S:8,discard%3Dmaybe", want: map[string]string{"scsi0": "enumeration 'ignore, on'"}},
		"CommaAtEnd":     {reason: "the provider ends the cloud-init drive in a comma", method: "PUT", path: config, query: "ide2=file%3DS:cloudinit,"},
		"Gateway":        {reason: "a gateway needs its address", method: "PUT", path: config, query: "ipconfig0=gw%3D10.0.0.1", want: map[string]string{"ipconfig0": "qm ipconfig"}},
		"Static":         {reason: "address and gateway in any order", method: "PUT", path: config, query: "ipconfig0=gw%3D10.0.0.1,ip%3D10.0.0.9/24"},
		"Requires":       {reason: "force only with delete", method: "PUT", path: config, query: "force=1", want: map[string]string{"delete": "requires this property"}},
		"Repeated":       {reason: "a scalar given twice", method: "PUT", path: config, query: "cores=1&cores=2", want: map[string]string{"cores": "ARRAY"}},
		"FailbackOn8":    {reason: "PVE 8 has no failback", method: "POST", path: "/cluster/ha/resources", query: "sid=vm:101&failback=1", want: map[string]string{"failback": "not defined"}},
		"FailbackOn9":    {reason: "PVE 9 has", method: "POST", path: "/cluster/ha/resources", query: "sid=vm:101&failback=1", release: PVE9},
		"RuleOtherType":  {reason: "nodes belong to node affinity", method: "POST", path: "/cluster/ha/rules", query: "rule=aa&type=resource-affinity&resources=vm:101&nodes=a", release: PVE9, want: map[string]string{"nodes": "not defined"}},
		"VMIDList":       {reason: "each element of a list is checked", method: "PUT", path: "/pools", query: "poolid=p&vms=101,x", want: map[string]string{"vms": "vmid"}},
		"NameUnderscore": {reason: "a guest's name is a DNS name", method: "PUT", path: config, query: "name=my_vm", want: map[string]string{"name": "dns name"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			release := tc.release
			if release == "" {
				release = PVE8
			}
			e, variables, err := load(t, release).Route(tc.method, tc.path)
			if err != nil {
				t.Fatal(err)
			}
			values, err := url.ParseQuery(tc.query)
			if err != nil {
				t.Fatal(err)
			}
			for k, v := range variables {
				values.Set(k, v)
			}
			got := e.Check(values)
			for param, part := range tc.want {
				if !strings.Contains(got[param], part) {
					t.Errorf("%s: %s: got %q, want it to hold %q", tc.reason, param, got[param], part)
				}
				delete(got, param)
			}
			if len(got) > 0 {
				t.Errorf("%s: unexpected complaints: %v", tc.reason, got)
			}
		})
	}
}

func BenchmarkRead(b *testing.B) {
	for b.Loop() {
		if _, err := read(PVE9); err != nil {
			b.Fatal(err)
		}
	}
}
