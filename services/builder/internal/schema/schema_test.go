package schema

import "testing"

// TestEverythingDecodes guards the panic in lookup.
func TestEverythingDecodes(t *testing.T) {
	p, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	if p.document.Version != Version || p.document.Source != Source {
		t.Errorf("data of %s %s; want %s %s", p.document.Source, p.document.Version, Source, Version)
	}
	for name := range p.document.Resources {
		if b := p.Resource(name); len(b.Attributes) == 0 {
			t.Errorf("%s has no attributes", name)
		}
	}
	for name := range p.document.Data {
		p.DataSource(name)
	}
	if p.Resource("proxmox_vm_qemu") != nil {
		t.Error("another provider's resource was found")
	}
}

func TestKnownShapes(t *testing.T) {
	p, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	vm := p.Resource("proxmox_virtual_environment_vm")
	if a := vm.Attributes["node_name"]; a == nil || !a.Required {
		t.Errorf("node_name = %+v; want it required", a)
	}
	if a := vm.Attributes["ipv4_addresses"]; a == nil || !a.ReadOnly() {
		t.Errorf("ipv4_addresses = %+v; want it read-only", a)
	}
	if b := vm.Blocks["disk"]; b == nil || b.Block.Attributes["interface"] == nil {
		t.Errorf("disk = %+v; want a block with an interface", b)
	}
	if vm.Blocks[networkDevice] != nil || vm.Attributes[networkDevice] == nil {
		t.Error("network_device is no longer an attribute")
	}
	if n := vm.Nested(networkDevice); n == nil || n.Block.Attributes["bridge"] == nil {
		t.Errorf("network_device as a block = %+v; want one with a bridge", n)
	}
	if b := p.Resource("proxmox_virtual_environment_haresource"); b == nil || !b.Deprecated {
		t.Errorf("the long name of haresource = %+v; want it deprecated", b)
	}
	if b := p.Resource("proxmox_haresource"); b == nil || b.Deprecated {
		t.Errorf("the short name of haresource = %+v; want it current", b)
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		p := &Provider{}
		loaded, err := Load()
		if err != nil {
			b.Fatal(err)
		}
		p.document = loaded.document
		p.Resource("proxmox_virtual_environment_vm")
	}
}
