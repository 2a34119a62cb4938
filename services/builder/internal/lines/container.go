package lines

// Container reads the fields of a container.
func Container(config map[string]string) Fields { return Fields(config) }

// LeftOutOfContainer lists what of a container's configuration the manifest does not hold.
func LeftOutOfContainer(map[string]string) []Left { return nil }
