package capacity

import provisov1 "proviso.dev/proto/proviso/v1"

// The features that an analysis speaks of. Those below are of Kubernetes.
const (
	FeatureBackup           = "backup"              // jobs that are switched on
	FeatureBackupStorage    = "backup-storage"      // storages that take backups
	FeatureCeph             = "ceph"                // storages on Ceph, the cluster's own or another
	FeatureCloudInit        = "cloud-init-template" // templates with a cloud-init drive
	FeatureGPUMapping       = "gpu-mapping"         // names of GPUs that a node which is online has
	FeatureHA               = "ha"                  // guests are restarted elsewhere: there are enough votes for it
	FeatureHAGroups         = "ha-groups"           // release 8
	FeatureHARules          = "ha-rules"            // release 9
	FeatureLiveMigration    = "live-migration"      // storages by which a running guest can move
	FeatureLocalStorage     = "local-storage"       // storages for disks that belong to one node
	FeaturePCIMapping       = "pci-mapping"
	FeatureReplication      = "replication"       // pools of ZFS on several nodes
	FeatureResourceAffinity = "resource-affinity" // rules that keep guests together or apart
	FeatureSDN              = "sdn"               // virtual networks that are applied
	FeatureUSBMapping       = "usb-mapping"
	FeatureVLANBridge       = "vlan-aware-bridge"
	FeatureAutoscaling      = "autoscaling" // something measures pods, by which a HorizontalPodAutoscaler decides
	FeatureCertificates     = "certificates"
	FeatureIngress          = "ingress"
	FeatureKubernetesGPU    = "kubernetes-gpu"
	FeatureLoadBalancer     = "load-balancer"
	FeatureNetworkPolicy    = "network-policy"
	FeatureStorageClass     = "storage-class"
)

// The states of a feature.
const (
	Available = "available"
	Absent    = "absent"
	Unknown   = "unknown"
)

// Find returns what an analysis says of a feature. What it does not speak of is unknown. It is never nil, and the analysis may be.
func Find(a *provisov1.InfrastructureAnalysis, feature string) *provisov1.Feature {
	for _, f := range a.GetFeatures() {
		if f.GetName() == feature {
			return f
		}
	}
	return &provisov1.Feature{Name: feature, State: Unknown, Evidence: "the analysis does not speak of it"}
}

// Node returns what an analysis says of a node, nil when it names none of that name.
func Node(a *provisov1.InfrastructureAnalysis, name string) *provisov1.NodeDiagnosis {
	for _, n := range a.GetNodes() {
		if n.GetNode() == name {
			return n
		}
	}
	return nil
}

// Storage returns what an analysis says of a storage as a node sees it, nil when it names none.
func Storage(a *provisov1.InfrastructureAnalysis, name, node string) *provisov1.StorageDiagnosis {
	for _, s := range a.GetStorages() {
		if s.GetStorage() == name && (s.GetNode() == "" || s.GetNode() == node) {
			return s
		}
	}
	return nil
}
