package understand

import "testing"

func TestTopic(t *testing.T) {
	r, snap := New(proxmox()), lab()
	tests := map[string]struct {
		reason string
		code   string
		texts  []string
	}{
		"World": {reason: "A question that names nothing of a cluster is not about it, in whatever form.", code: "off_topic", texts: []string{
			"quel temps fera-t-il demain à Paris ?", "what will the weather be like in Paris tomorrow?", "comment cuire du riz ?", "how do I cook rice?", "combien font 12 fois 12 ?",
			"how much is 12 times 12?", "comment s'appelle le chien de Tintin ?", "is Python better than Go?", "where is the Eiffel tower?", "où est la tour Eiffel ?", "écris un poème sur les nuages",
			"write a python function that sorts a list", "qui a gagné la coupe du monde en 1998 ?"}},
		"Cluster": {reason: "A question that does is answered.", texts: []string{
			"how much memory is free?", "où tourne AI-server ?", "which nodes are online?", "combien de VM tournent ?", "y a-t-il de la place pour 32 Go ?", "do we have a backup?",
			"quels templates existent ?", "how many workers are there?", "est-ce que pmox03 est en ligne ?",
			"quel est le nœud le plus chargé en ce moment ?", "which node is the busiest?"}},
		"Elsewhere": {reason: "A platform that is asked for is refused by its name, however the request is put.", code: "platform_unsupported", texts: []string{
			"write Terraform for an aws_instance with 2 vCPUs", "écris du Terraform pour une machine virtuelle azurerm", "Terraform for a google_compute_instance",
			"give me HCL for an azurerm_linux_virtual_machine", "hcloud_server with 2 cores", "a vsphere_virtual_machine named x1", "un droplet DigitalOcean", "crée une instance EC2",
			"helm chart on EKS", "déploie un chart Helm sur GKE", "deploy redis to AKS", "Terraform pour une libvirt_domain", "write a CloudFormation template", "écris le Terraform d'une VM Azure",
			"give me terraform for AWS", "create a t3.micro instance", "can you write Terraform for an aws_instance?", "Terraform for Kubernetes on EKS", "une VM de taille Standard_B2s"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			for _, text := range tc.texts {
				u := r.Understand(Request{ID: "r", Text: text}, snap)
				if u.GetRefusal().GetCode() != tc.code || tc.code == "" && u.GetReply() == nil {
					t.Errorf("%s %q: got %q, want %q", tc.reason, text, u.GetRefusal().GetCode(), tc.code)
				}
			}
		})
	}
}
