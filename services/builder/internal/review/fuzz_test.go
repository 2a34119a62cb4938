package review_test

import (
	"testing"
	"time"
	"unicode/utf8"

	"proviso.dev/services/builder/internal/review"
)

// FuzzReview: whatever is in the files, a review ends with findings or without, and never with a panic. Nothing in a
// manifest is executed, so that there is nothing else to guard.
func FuzzReview(f *testing.F) {
	v, err := review.New(time.Now)
	if err != nil {
		f.Fatal(err)
	}
	all := bases(f, v)
	for _, b := range all {
		for _, file := range b.files {
			if file.Path == "main.tf" {
				f.Add(file.Content)
			}
		}
	}
	for _, text := range []string{
		"locals {\n a = local.a\n}", "resource \"proxmox_virtual_environment_vm\" \"x\" {\n dynamic {}\n dynamic \"disk\" {}\n}",
		"resource \"proxmox_virtual_environment_vm\" \"x\" {\n for_each = toset([null])\n}", "variable \"x\" {\n type = map\n default = 1\n}",
		"resource \"proxmox_virtual_environment_vm\" \"x\" {\n count = -1\n network_device = [{}]\n node_name = data.x\n}", "output \"x\" {\n value = <<EOT\n%{ for x in y }\nEOT\n}",
		"data \"external\" \"x\" {\n program = [\"id\"]\n}\noutput \"y\" {\n value = data.external.x.result\n}", "module \"m\" {\n source = \"./m\"\n}\nlocals {\n a = module.m.b[0]\n}",
		"resource \"proxmox_haresource\" \"x\" {\n resource_id = \"vm:${proxmox_virtual_environment_vm.x[each.key].vm_id}\"\n}",
		"resource \"proxmox_virtual_environment_vm\" \"x\" {\n for_each = {a=1}\n disk {\n interface = each.value\n size = each.value == 1 ? null : \"x\"\n }\n}\noutput \"o\" { value = proxmox_virtual_environment_vm.x[*].id }",
	} {
		f.Add(text)
	}
	single := all["single"]
	f.Fuzz(func(t *testing.T, text string) {
		res := v.Review([]review.File{{Path: "main.tf", Content: text}}, single.plan, single.cluster)
		for _, finding := range res.Findings() {
			if finding.Message("en") == "" {
				t.Errorf("%s has no text", finding.Rule)
			}
		}
		if !utf8.ValidString(text) && res.Valid() {
			t.Error("what is no text is a valid manifest")
		}
	})
}
