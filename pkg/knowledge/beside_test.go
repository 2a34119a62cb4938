package knowledge

import "testing"

// A foreign matter beside a question does not hide it; a question about the matter itself is not answered.
func TestBeside(t *testing.T) {
	ix, pages, err := Open(Sources{})
	if err != nil {
		t.Fatal(err)
	}
	if !pages {
		t.Skip("built without the provider's documentation, which make docs-index packs")
	}
	for question, answered := range map[string]bool{
		"We come from VMware and had portgroups. How do I create one SDN vnet for each VLAN on an existing bridge?":            true,
		"On a quitté VMware, et maintenant je voudrais planifier une sauvegarde quotidienne de toutes les machines virtuelles": true,
		"How do I convert a VMware portgroup into an NSX segment?":                                                             false,
		"comment migrer une machine de vSphere vers vCenter, et garder vMotion":                                                false,
	} {
		if got := len(ix.Search(question, 5)) > 0; got != answered {
			t.Errorf("%q: want answered %t, got %t", question, answered, got)
		}
	}
}

// A name before a colon is the matter of all that follows, not something beside it.
func TestTopicIsNotBeside(t *testing.T) {
	ix := New(pagesAndNotes(t))
	for question, beside := range map[string]bool{
		"Kubernetes: create a firewall rule that opens port 443 of a virtual machine":                 false,
		"We leave Kubernetes behind. Create a firewall rule that opens port 443 of a virtual machine": true,
	} {
		if got := ix.beside(question); got != beside {
			t.Errorf("%q: want %t, got %t", question, beside, got)
		}
	}
}

// Who wants to know gets the data source first, who wants to make something the resource.
func TestCounterparts(t *testing.T) {
	ix, pages, err := Open(Sources{})
	if err != nil {
		t.Fatal(err)
	}
	if !pages {
		t.Skip("built without the provider's documentation, which make docs-index packs")
	}
	for question, source := range map[string]string{
		"which high availability groups do we have, only want to look": "data-sources/hagroups.md",
		"create a high availability group of two nodes":                "resources/hagroup.md",
		"quels sont les vnets SDN déjà en place ?":                     "data-sources/sdn_vnets.md",
		"créer un vnet SDN": "resources/sdn_vnet.md",
	} {
		hits := ix.Search(question, 3)
		if len(hits) == 0 || hits[0].Source != source {
			t.Errorf("%q: want %s first, got %v", question, source, hits)
		}
	}
}
