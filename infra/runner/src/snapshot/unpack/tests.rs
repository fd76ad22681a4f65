//! What is packed comes out again, and nothing comes out where it does not belong.

use std::os::unix::fs::MetadataExt;

use tar::{Builder, Header};
use tempfile::TempDir;

use super::super::pack::{PackError, pack, write};
use super::*;

struct Sandbox {
    folder: TempDir,
    roots: Roots,
}

impl Sandbox {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let roots = Roots { workspace: folder.path().join("workspace"), data: folder.path().join("data") };
        fs::create_dir_all(&roots.workspace).unwrap();
        Self { folder, roots }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.roots.workspace.join(name)
    }

    fn put(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::create_dir_all(self.file(name).parent().unwrap()).unwrap();
        fs::write(self.file(name), content).unwrap();
    }

    fn mode(&self, name: &str) -> u32 {
        fs::symlink_metadata(self.file(name)).unwrap().mode() & 0o777
    }
}

/// An entry's type, its name and where it leads.
type Raw<'a> = (EntryType, &'a str, &'a str);

/// An archive of these entries, made without any of our care.
fn archive(entries: &[Raw]) -> Vec<u8> {
    let mut builder = Builder::new(zstd::Encoder::new(Vec::new(), 1).unwrap());
    for (kind, name, link) in entries {
        let mut header = Header::new_gnu();
        header.set_entry_type(*kind);
        header.set_mode(0o755);
        header.set_size(0);
        // By hand, because the library refuses to write what must be refused here.
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.as_gnu_mut().unwrap().linkname[..link.len()].copy_from_slice(link.as_bytes());
        header.set_cksum();
        builder.append(&header, io::empty()).unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap()
}

#[test]
fn what_is_packed_comes_out_as_it_was() {
    let (from, to) = (Sandbox::new(), Sandbox::new());
    let long = format!("deep/{}/{}.txt", "folder".repeat(20), "name".repeat(30));
    for name in ["grüße 世界.txt", "with space/ and\ttab", &long] {
        from.put(name, name);
    }
    from.put("script.sh", "#!/bin/sh");
    fs::set_permissions(from.file("script.sh"), Permissions::from_mode(0o750)).unwrap();
    from.put("secret", vec![7; 300_000]);
    fs::set_permissions(from.file("secret"), Permissions::from_mode(0o600)).unwrap();
    fs::create_dir_all(from.file("empty/inner")).unwrap();
    from.put("closed/file", "x");
    fs::set_permissions(from.file("closed"), Permissions::from_mode(0o555)).unwrap();
    for (name, target) in
        [("inside", "script.sh"), ("up", "../elsewhere"), ("python", "/usr/bin/python3"), ("broken", "no")]
    {
        symlink(target, from.file(name)).unwrap();
    }
    let _socket = std::os::unix::net::UnixListener::bind(from.file("socket")).unwrap();
    fs::create_dir_all(from.roots.data.join("share/opencode")).unwrap();
    fs::write(from.roots.data.join("share/opencode/opencode.db"), "memory").unwrap();

    to.put("of-an-attempt-before", "half");
    let packed = pack(&from.roots, 1, None).unwrap().unwrap();
    unpack(packed.file.reopen().unwrap(), &to.roots).unwrap();

    for name in ["grüße 世界.txt", "with space/ and\ttab", &long] {
        assert_eq!(fs::read_to_string(to.file(name)).unwrap(), name);
    }
    assert_eq!(fs::read(to.file("secret")).unwrap(), vec![7; 300_000]);
    assert_eq!(["script.sh", "secret", "closed"].map(|name| to.mode(name)), [0o750, 0o600, 0o555]);
    assert!(to.file("empty/inner").is_dir() && to.file("closed/file").is_file());
    for (name, target) in
        [("inside", "script.sh"), ("up", "../elsewhere"), ("python", "/usr/bin/python3"), ("broken", "no")]
    {
        assert_eq!(fs::read_link(to.file(name)).unwrap(), Path::new(target));
    }
    let time = |sandbox: &Sandbox| fs::metadata(sandbox.file("secret")).unwrap().mtime();
    assert_eq!(time(&to), time(&from));
    assert!(!to.file("socket").exists() && !to.file("of-an-attempt-before").exists());
    assert_eq!(fs::read(to.roots.data.join("share/opencode/opencode.db")).unwrap(), b"memory");
    assert!(pack(&from.roots, 2, Some(packed.fingerprint)).unwrap().is_none(), "nothing has changed");
}

#[test]
fn what_is_out_of_place_is_refused_and_nothing_is_written_outside() {
    use EntryType as T;
    let table: [(&str, &[Raw]); 8] = [
        ("climbs", &[(T::Regular, "workspace/../../evil", "")]),
        ("absolute", &[(T::Regular, "/tmp/evil", "")]),
        ("of another root", &[(T::Regular, "elsewhere/evil", "")]),
        ("configuration", &[(T::Regular, "data/config/opencode/opencode.json", "")]),
        ("hard link", &[(T::Directory, "workspace", ""), (T::Link, "workspace/evil", "/etc/passwd")]),
        ("device", &[(T::Directory, "workspace", ""), (T::Block, "workspace/evil", "")]),
        ("pipe", &[(T::Directory, "workspace", ""), (T::Fifo, "workspace/evil", "")]),
        ("through a link", &[(T::Symlink, "workspace/out", "../"), (T::Regular, "workspace/out/evil", "")]),
    ];
    for (what, entries) in table {
        let sandbox = Sandbox::new();
        assert!(unpack(&archive(entries)[..], &sandbox.roots).is_err(), "{what}");
        let evil = [sandbox.folder.path().join("evil"), sandbox.file("evil"), "/tmp/evil".into()];
        assert!(evil.iter().all(|path| fs::symlink_metadata(path).is_err()), "{what}");
    }
}

#[test]
fn a_damaged_snapshot_is_noticed() {
    let (from, to) = (Sandbox::new(), Sandbox::new());
    from.put("file", (0..100_000_u32).flat_map(u32::to_le_bytes).collect::<Vec<_>>());
    let (file, ..) = write(&from.roots, u64::MAX).unwrap();
    let whole = fs::read(file.path()).unwrap();
    unpack(&whole[..], &to.roots).unwrap();

    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 0x10;
    for (what, damaged) in
        [("flipped", &flipped[..]), ("cut", &whole[..whole.len() - 3]), ("empty", &[]), ("other", b"no")]
    {
        assert!(unpack(damaged, &to.roots).is_err(), "{what}");
    }
}

#[test]
fn a_workspace_beyond_the_bound_is_not_packed() {
    let from = Sandbox::new();
    from.put("noise", (0..200_000).map(|_| rand::random::<u8>()).collect::<Vec<_>>());
    let too_large = write(&from.roots, 100_000).map_err(PackError::from);
    assert!(matches!(too_large, Err(PackError::TooLarge)), "{too_large:?}");
    assert!(write(&from.roots, 300_000).is_ok());
    let sparse = fs::File::create(from.file("sparse")).unwrap();
    sparse.set_len(UNPACKED_BYTES_MAX + 1).unwrap();
    assert!(matches!(pack(&from.roots, 1, None), Err(PackError::TooLarge)), "small as it is when packed");
}

#[test]
fn files_that_come_and_go_meanwhile_do_no_harm() {
    let from = Sandbox::new();
    from.put("stays", "here");
    let (names, stop) =
        ((0..50).map(|n| format!("tmp/{n}")).collect::<Vec<_>>(), std::sync::atomic::AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                names.iter().for_each(|name| from.put(name, "x".repeat(5_000)));
                names.iter().for_each(|name| fs::write(from.file(name), "y").unwrap());
                fs::remove_dir_all(from.file("tmp")).unwrap();
            }
        });
        for _ in 0..40 {
            let packed = pack(&from.roots, 1, None).unwrap().unwrap();
            let to = Sandbox::new();
            unpack(packed.file.reopen().unwrap(), &to.roots).unwrap();
            assert_eq!(fs::read_to_string(to.file("stays")).unwrap(), "here");
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}
