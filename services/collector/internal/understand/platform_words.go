package understand

import (
	"slices"
	"strings"
)

// platformRows are the platforms that requests name, with the words for them and for their best-known services. The platforms
// themselves stand in the registry (package platform).
func platformRows() []vocable {
	return []vocable{
		{clPlatform, "aws", 0, "aws cdk|cdk|terraform aws|aws terraform|ec2 instance|ec2 instances|instance ec2|instances ec2|ecs|elb|cloudformation template|aws|amazon web services|amazon|ec2|amazon ec2|aws ec2|lightsail|s3 bucket|bucket s3|amazon s3|aws s3|s3 buckets|a lambda|an aws lambda|une lambda|lambdas|the lambda|la lambda|lambda that|lambda which|lambda qui|lambda in python|lambda en python|lambda function|lambda functions|fonction lambda|fonctions lambda|aws lambda|fargate|aws fargate|eks|amazon eks|aws eks|ecs cluster|amazon ecs|aws ecs|amazon rds|aws rds|rds instance|instance rds|rds database|elastic beanstalk|route 53|cloudformation|aws cloud|cloud aws|cloud amazon|amazon cloud|govcloud"},
		{clPlatform, "azure", 0, "azurerm|arm template|arm templates|template arm|bicep template|terraform azure|azure terraform|azure|microsoft azure|ms azure|azure vm|azure vms|vm azure|vms azure|azure cloud|cloud azure|aks|azure aks|azure kubernetes service|azure virtual machine|azure virtual machines|machine virtuelle azure|machines virtuelles azure|azure functions|azure stack|azure devops pipeline"},
		{clPlatform, "gcp", 0, "gcp|google cloud|deployment manager|terraform google|google terraform|terraform gcp|gcp terraform|google cloud platform|gce|google compute engine|compute engine|gke|google kubernetes engine|cloud run|google cloud run|bigquery|cloud google|cloud de google|google cloud sql|app engine"},
		{clPlatform, "vmware", 0, "vmware|vsphere|esxi|vcenter|esx|vmware vsphere|vmware esxi|vmware workstation|vmware fusion|vmware esx|vmware vcenter|vmware cloud|vcloud|vcloud director|vmware tanzu|tanzu|vsan|nsx|nsx-t|hyperviseur esxi|esxi host|hote esxi"},
		{clPlatform, "openstack", 0, "openstack|open stack|devstack|kolla-ansible"},
		{clPlatform, "hyperv", 0, "hyper-v|hyperv|hyper v|microsoft hyper-v|scvmm|windows hyper-v"},
		{clPlatform, "digitalocean", 0, "digitalocean|digital ocean|droplet|droplets|doks"},
		{clPlatform, "hetzner", 0, "hetzner|hetzner cloud|hcloud|cloud hetzner"},
		{clPlatform, "ovh", 0, "ovh|ovhcloud|ovh cloud|cloud ovh|ovh public cloud|soyoustart|kimsufi"},
		{clPlatform, "scaleway", 0, "scaleway|scaleway elements|kapsule|online.net"},
		{clPlatform, "oracle", 0, "oracle cloud|oci cloud|oracle cloud infrastructure|cloud oracle|oracle oci"},
		{clPlatform, "ibm", 0, "ibm cloud|cloud ibm|softlayer|powervs|ibm power"},
		{clPlatform, "alibaba", 0, "alibaba cloud|aliyun|alibaba"},
		{clPlatform, "linode", 0, "linode|akamai cloud|linodes"},
		{clPlatform, "nutanix", 0, "nutanix|nutanix ahv|ahv|nutanix prism|acropolis"},
		{clPlatform, "xen", 0, "xcp-ng|xcpng|xcp ng|xenserver|xen server|citrix hypervisor|xen orchestra|citrix xenserver|xen hypervisor|hyperviseur xen|xen"},
		{clPlatform, "virtualbox", 0, "virtualbox|virtual box|vbox|oracle virtualbox|vagrant"},
		{clPlatform, "libvirt", 0, "libvirt|virt-manager|virsh|cockpit machines"},
		{clPlatform, "vultr", 0, "vultr"},
		{clPlatform, "cloudstack", 0, "cloudstack|apache cloudstack"},
		{clPlatform, "ovirt", 0, "ovirt|rhev|rhv|openshift virtualization|red hat virtualization|kubevirt|harvester"},
		{clPlatform, "tencent", 0, "tencent cloud|tencent"},
		{clPlatform, "openshift", 0, "openshift|open shift|okd"},
		{clPlatform, "opennebula", 0, "opennebula|open nebula"},
		{clPlatform, "parallels", 0, "parallels|parallels desktop"},
		{clPlatform, "incus", 0, "incus|lxd"},
		{clPlatform, "swarm", 0, "docker swarm|swarm|swarm cluster|cluster swarm|docker swarm cluster|swarm mode|docker en mode swarm|mode swarm"},
		{clPlatform, "nomad", 0, "nomad|hashicorp nomad|nomad cluster|cluster nomad|nomad job|job nomad"},
		{clPlatform, "mesos", 0, "mesos|apache mesos|dc/os"},
		{clPlatform, "heroku", 0, "heroku"},
		{clPlatform, "vercel", 0, "vercel"},
		{clPlatform, "netlify", 0, "netlify"},
		{clPlatform, "flyio", 0, "fly.io"},
		{clPlatform, "cloudflare", 0, "cloudflare workers|cloudflare pages"},
		{clPlatform, "civo", 0, "civo"},
		{clPlatform, "infomaniak", 0, "infomaniak"},
		{clPlatform, "outscale", 0, "outscale|3ds outscale"},
		{clPlatform, "exoscale", 0, "exoscale"},
		{clPlatform, "ionos", 0, "ionos|ionos cloud"},
		{clPlatform, "contabo", 0, "contabo"},
		{clPlatform, "upcloud", 0, "upcloud"},
		{clPlatform, "clevercloud", 0, "clever cloud|clevercloud"},
		{clFiller, "", 0, "parallel|in parallel|en parallele|parallele|paralleles"},
		{clQuality, "", 0, "nomade|nomades"},
	}
}

// programPlatforms are the platforms that are programs too: "a VM for Nomad" asks for a machine.
var programPlatforms = map[string]bool{"swarm": true, "nomad": true, "mesos": true, "incus": true, "libvirt": true, "openshift": true, "virtualbox": true}

// resourcePrefixes are what the names of resources of Terraform begin with, by platform: "aws_instance" is wanted on AWS, whatever else
// is said.
var resourcePrefixes = map[string]string{"aws": "aws", "awscc": "aws", "azurerm": "azure", "azuread": "azure", "azapi": "azure", "azurestack": "azure", "google": "gcp",
	"vsphere": "vmware", "vcd": "vmware", "nsxt": "vmware", "esxi": "vmware", "openstack": "openstack", "hyperv": "hyperv", "digitalocean": "digitalocean", "hcloud": "hetzner", "ovh": "ovh", "scaleway": "scaleway",
	"oci": "oracle", "ibm": "ibm", "alicloud": "alibaba", "linode": "linode", "nutanix": "nutanix", "xenorchestra": "xen", "virtualbox": "virtualbox",
	"libvirt": "libvirt", "vultr": "vultr", "cloudstack": "cloudstack", "ovirt": "ovirt", "tencentcloud": "tencent", "opennebula": "opennebula",
	"lxd": "incus", "incus": "incus", "nomad": "nomad", "heroku": "heroku", "vercel": "vercel", "netlify": "netlify", "fly": "flyio", "cloudflare": "cloudflare",
	"outscale": "outscale", "exoscale": "exoscale", "ionoscloud": "ionos", "contabo": "contabo", "upcloud": "upcloud", "civo": "civo"}

// instanceTypes match the sizes that clouds sell, "t3.medium", "Standard_B2s", "n2-standard-4": nobody else has them.
var instanceTypes = []struct {
	platform string
	is       func(string) bool
}{
	{"aws", func(w string) bool {
		family, size, ok := strings.Cut(w, ".")
		size = strings.TrimLeft(size, "0123456789")
		return ok && len(family) >= 2 && len(family) <= 7 && digits(family[1:2]) == 1 && slices.Contains([]string{"nano", "micro", "small", "medium", "large", "xlarge", "metal"}, size)
	}},
	{"azure", func(w string) bool { return strings.HasPrefix(w, "standard_") }},
	{"gcp", func(w string) bool {
		return len(w) > 4 && digits(w[1:2]) == 1 && (strings.Contains(w, "-standard-") || strings.Contains(w, "-highmem-") || strings.Contains(w, "-highcpu-")) || w == "e2-micro" || w == "e2-small" || w == "e2-medium"
	}},
}

// platformResource reads a word that only one platform has: the name of a resource of its provider, or a size that it sells.
func (p *parser) platformResource() bool {
	t := p.toks[p.i]
	if t.kind != tokWord && t.kind != tokQuoted || p.names.has(t.fold) {
		return false
	}
	word := fold(t.raw)
	if prefix, _, ok := strings.Cut(word, "_"); ok && resourcePrefixes[prefix] != "" {
		return p.emit(p.i+1, item{kind: itSignal, signal: clPlatform, s: resourcePrefixes[prefix]})
	}
	for _, size := range instanceTypes {
		if size.is(word) {
			return p.emit(p.i+1, item{kind: itSignal, signal: clPlatform, s: size.platform})
		}
	}
	return false
}

// platformProgram reads a platform that a machine is to run rather than the one to create it on.
func (p *parser) platformProgram() bool {
	if !p.is(p.i, clPlatform) || !programPlatforms[p.read[p.i].lex.val] || !p.after(p.i, clFor, clWith) {
		return false
	}
	next := p.take(p.i, clPlatform)
	return p.emit(next, item{kind: itSoftware, s: p.text[p.toks[p.i].start:p.toks[next-1].end]})
}
