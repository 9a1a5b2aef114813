//! The code of `#[derive(Entity)]`.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::{DeriveInput, Result};

use crate::attributes::{ColumnInput, EntityInput, Fill};
use crate::relation;

pub fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let entity = EntityInput::parse(input)?;
    let constants = constants(&entity);
    let metadata = metadata(&entity)?;
    let entity_impl = entity_impl(&entity);
    let draft = draft(&entity);
    let mapping = mapping(&entity);
    Ok(quote! { #constants #metadata #entity_impl #draft #mapping })
}

fn sql_type(entity: &EntityInput, column: &ColumnInput) -> TokenStream {
    let (table, name) = (&entity.table, &column.name);
    quote!(<#table::#name as ::persistence::private::diesel::Expression>::SqlType)
}

fn column_name(entity: &EntityInput, column: &ColumnInput) -> TokenStream {
    let (table, name) = (&entity.table, &column.name);
    quote!(<#table::#name as ::persistence::private::diesel::Column>::NAME)
}

/// Makes the constants `User::AGE`, `Address::USER`, `User::ADDRESSES`.
fn constants(entity: &EntityInput) -> TokenStream {
    let (name, visibility) = (&entity.name, &entity.visibility);
    let metadata = metadata_name(entity);
    let columns = entity.columns.iter().enumerate().map(|(position, column)| {
        let (constant, ty, column_name) =
            (column.constant(), &column.ty, column_name(entity, column));
        let doc = format!("The column `{}`.", column.name);
        quote! {
            #[doc = #doc]
            #visibility const #constant: ::persistence::Column<#name, #ty> =
                ::persistence::Column::new(#position, #column_name);
        }
    });
    let relations = relation::constants(entity);
    quote! {
        #[automatically_derived]
        impl #name {
            #(#columns)*
            #relations

            // A function, since the compiler would look into what a constant refers to, and would
            // not come to an end where entities refer to each other in a circle.
            #[doc(hidden)]
            #visibility const fn __meta() -> &'static ::persistence::EntityMeta {
                &#metadata
            }
        }
    }
}

fn metadata(entity: &EntityInput) -> Result<TokenStream> {
    let (name, table_name) = (entity.name.to_string(), &entity.table_name);
    let columns = entity.columns.iter().map(|column| {
        let (ty, sql_type, column_name) =
            (&column.ty, sql_type(entity, column), column_name(entity, column));
        let is_searched = column.is_searched;
        let fill = match column.fill {
            Fill::Draft => quote!(Draft),
            Fill::Generated => quote!(Generated),
            Fill::Computed => quote!(Computed),
            Fill::Now => quote!(Now),
            Fill::Updated => quote!(Updated),
            Fill::Deleted => quote!(Deleted),
            Fill::Version => quote!(Version),
        };
        let references = column.reference.as_ref().map(|reference| {
            let parent = &reference.entity;
            let (on_delete, orphan) = (variant(&reference.on_delete), variant(&reference.orphan));
            quote! {
                .referring(
                    ::persistence::entity::Reference::new(
                        ::persistence::entity::EntityRef::new(<#parent>::__meta()),
                    )
                    .on_delete(::persistence::OnDelete::#on_delete)
                    .orphan(::persistence::entity::Orphan::#orphan),
                )
            }
        });
        quote! {
            ::persistence::ColumnMeta::new(
                #column_name,
                <#ty as ::persistence::Scalar>::TYPE,
                <#sql_type as ::persistence::entity::StoredAs>::STORAGE,
            )
            .formed(<#ty as ::persistence::Scalar>::FORM)
            .nullable(<#sql_type as ::persistence::entity::StoredAs>::NULLABLE)
            .filled(::persistence::entity::Fill::#fill)
            .searched(#is_searched)
            #references
        }
    });
    let nullability = entity.columns.iter().map(|column| {
        let (ty, sql_type) = (&column.ty, sql_type(entity, column));
        let is_nullable =
            format!("`{}` is `Nullable` in `table!`: make the field an `Option`", column.name);
        let is_not_null =
            format!("`{}` is not `Nullable` in `table!`: the field is no `Option`", column.name);
        quote_spanned! { column.span =>
            const _: () = {
                let column = <#sql_type as ::persistence::entity::StoredAs>::NULLABLE;
                let field = <#ty as ::persistence::Scalar>::NULLABLE;
                assert!(field || !column, #is_nullable);
                assert!(column || !field, #is_not_null);
            };
        }
    });
    let positions = |wanted: fn(&ColumnInput) -> bool| {
        let columns = entity.columns.iter().enumerate();
        columns.filter(move |(_, column)| wanted(column)).map(|(position, _)| position)
    };
    let key: Vec<usize> = positions(|column| column.is_key).collect();
    let label = positions(|column| column.is_label)
        .chain(positions(ColumnInput::is_text))
        .chain(key.iter().copied())
        .next()
        .unwrap_or(0);
    let mut unique: Vec<Vec<usize>> =
        positions(|column| column.is_unique).map(|position| vec![position]).collect();
    for fields in &entity.unique {
        unique.push(fields.iter().map(|field| entity.position(field)).collect::<Result<_>>()?);
    }
    let icon = entity.icon.as_ref().map_or_else(
        || quote!(::core::option::Option::None),
        |icon| quote!(::core::option::Option::Some(#icon)),
    );
    let relations = relation::metadata(entity);
    let metadata = metadata_name(entity);
    let table = &entity.table;
    Ok(quote! {
        #(#nullability)*
        const _: () = {
            ::persistence::entity::assert_schema(
                #table_name,
                <<#table::table as
                    ::persistence::private::diesel::internal::table_macro::StaticQueryFragment
                >::Component as ::persistence::entity::TablePlace>::HAS_SCHEMA,
            );
        };

        #[doc(hidden)]
        static #metadata: ::persistence::EntityMeta =
            ::persistence::EntityMeta::new(#name, #table_name, &[#(#columns),*], &[#(#key),*])
                .labelled(#label)
                .with_unique(&[#(&[#(#unique),*]),*])
                .with_relations(&[#(#relations),*])
                .with_icon(#icon);
    })
}

fn metadata_name(entity: &EntityInput) -> Ident {
    format_ident!("__{}_META", entity.name.to_string().to_uppercase())
}

/// Returns `set_null` as the variant `SetNull`; a wrong word becomes the compiler's error at its place.
fn variant(word: &Ident) -> Ident {
    let camel: String = word
        .to_string()
        .split('_')
        .map(|part| {
            let mut letters = part.chars();
            letters.next().map_or_else(String::new, |first| {
                first.to_uppercase().chain(letters).collect::<String>()
            })
        })
        .collect();
    Ident::new(&camel, word.span())
}

fn entity_impl(entity: &EntityInput) -> TokenStream {
    let (name, draft, table) = (&entity.name, &entity.draft, &entity.table);
    let keys: Vec<&ColumnInput> = entity.columns.iter().filter(|column| column.is_key).collect();
    let key_types = keys.iter().map(|column| &column.ty);
    let key_fields = keys.iter().map(|column| &column.name);
    let (key_type, key) = if keys.len() == 1 {
        (quote!(#(#key_types)*), quote!(#(::core::clone::Clone::clone(&self.#key_fields))*))
    } else {
        (quote!((#(#key_types),*)), quote!((#(::core::clone::Clone::clone(&self.#key_fields)),*)))
    };
    let fields: Vec<&Ident> = entity.columns.iter().map(|column| &column.name).collect();
    let names: Vec<_> = entity.columns.iter().map(|column| column_name(entity, column)).collect();
    let positions: Vec<usize> = (0..fields.len()).collect();
    let field_names = fields.iter().map(ToString::to_string);
    let validate = if entity.validate {
        quote! {
            ::persistence::private::garde_rules(
                self,
                <Self as ::persistence::Entity>::meta(),
                &[#(#field_names),*],
            )
        }
    } else {
        quote!(::core::result::Result::Ok(()))
    };
    quote! {
        #[automatically_derived]
        impl ::persistence::Entity for #name {
            type Key = #key_type;
            type Draft = #draft;
            type Table = #table::table;

            fn meta() -> &'static ::persistence::EntityMeta {
                Self::__meta()
            }

            fn key(&self) -> Self::Key {
                #key
            }

            fn value(&self, column: usize) -> ::persistence::Value {
                match column {
                    #(#positions => ::persistence::Scalar::to_value(&self.#fields),)*
                    _ => ::persistence::Value::Null,
                }
            }

            fn set_value(
                &mut self,
                column: usize,
                value: ::persistence::Value,
            ) -> ::core::result::Result<(), ::persistence::ValueError> {
                match column {
                    #(#positions => self.#fields = ::persistence::Scalar::from_value(value)?,)*
                    _ => {}
                }
                ::core::result::Result::Ok(())
            }

            fn copy_from(&mut self, other: &Self) {
                #(::core::clone::Clone::clone_from(&mut self.#fields, &other.#fields);)*
            }

            fn changed_columns(&self, base: &Self) -> ::persistence::entity::ColumnSet {
                let mut changed = ::persistence::entity::ColumnSet::EMPTY;
                #(if self.#fields != base.#fields {
                    changed = changed.with(#positions);
                })*
                changed
            }

            fn from_record(
                mut record: ::persistence::Record,
            ) -> ::core::result::Result<Self, ::persistence::Invalid> {
                let mut errors = ::std::vec::Vec::new();
                #(let #fields = ::persistence::private::take(
                    &mut record, #positions, #names, &mut errors,
                );)*
                match (#(#fields,)*) {
                    (#(::core::option::Option::Some(#fields),)*) => {
                        ::core::result::Result::Ok(Self { #(#fields),* })
                    }
                    _ => ::core::result::Result::Err(::persistence::Invalid {
                        entity: <Self as ::persistence::Entity>::meta().name,
                        errors,
                    }),
                }
            }

            fn validate(&self) -> ::core::result::Result<(), ::persistence::Invalid> {
                #validate
            }
        }
    }
}

fn draft(entity: &EntityInput) -> TokenStream {
    let (name, draft, visibility) = (&entity.name, &entity.draft, &entity.visibility);
    let given: Vec<&ColumnInput> =
        entity.columns.iter().filter(|column| column.fill == Fill::Draft).collect();
    let draft_field = |column: &ColumnInput| {
        column.reference.as_ref().map_or_else(|| column.name.clone(), |r| r.name.clone())
    };
    let fields = given.iter().map(|column| {
        let (visibility, field, docs) = (&column.visibility, draft_field(column), &column.docs);
        let ty = if let Some(reference) = &column.reference {
            let parent = &reference.entity;
            if column.is_optional() {
                quote!(::core::option::Option<::persistence::Ref<#parent>>)
            } else {
                quote!(::persistence::Ref<#parent>)
            }
        } else {
            column.ty.to_token_stream()
        };
        quote!(#(#docs)* #visibility #field: #ty)
    });
    let built = entity.columns.iter().map(|column| {
        let (field, ty, column_name) = (&column.name, &column.ty, column_name(entity, column));
        let value = match (column.fill, &column.reference) {
            (Fill::Draft, None) => quote!(::core::option::Option::Some(self.#field)),
            (Fill::Draft, Some(reference)) => {
                let given = &reference.name;
                let resolve = if column.is_optional() {
                    quote!(::persistence::private::resolve_optional)
                } else {
                    quote!(::persistence::private::resolve)
                };
                quote!(#resolve(self.#given, #column_name, references, &mut errors))
            }
            (Fill::Generated | Fill::Computed, _) => {
                quote!(::core::option::Option::Some(::core::default::Default::default()))
            }
            (Fill::Now | Fill::Updated, _) => quote! {
                ::persistence::private::fill::<#ty>(
                    ::persistence::Value::Timestamp(now), #column_name, &mut errors,
                )
            },
            (Fill::Deleted, _) => {
                quote!(::core::option::Option::Some(::core::option::Option::None))
            }
            (Fill::Version, _) => quote! {
                ::persistence::private::fill::<#ty>(
                    ::persistence::Value::Integer(1), #column_name, &mut errors,
                )
            },
        };
        quote!(let #field: ::core::option::Option<#ty> = #value;)
    });
    let all: Vec<&Ident> = entity.columns.iter().map(|column| &column.name).collect();
    let copied = given.iter().map(|column| {
        let (source, field) = (&column.name, draft_field(column));
        match &column.reference {
            Some(_) if column.is_optional() => {
                quote!(#field: entity.#source.map(::persistence::Ref::Id))
            }
            Some(_) => quote!(#field: ::persistence::Ref::Id(entity.#source)),
            None => quote!(#field: entity.#source),
        }
    });
    let drafted = || {
        let columns = entity.columns.iter().enumerate();
        columns.filter(|(_, column)| column.fill == Fill::Draft)
    };
    let givens = drafted().map(|(position, column)| {
        let field = draft_field(column);
        let given = match &column.reference {
            Some(_) if column.is_optional() => {
                quote!(::persistence::private::given(self.#field.as_ref()))
            }
            Some(_) => {
                quote!(::persistence::private::given(::core::option::Option::Some(&self.#field)))
            }
            None => quote! {
                ::persistence::entity::Given::Value(::persistence::Scalar::to_value(&self.#field))
            },
        };
        quote!(#position => #given)
    });
    let refers =
        drafted().filter(|(_, column)| column.reference.is_some()).map(|(position, column)| {
            let field = draft_field(column);
            let refer = if column.is_optional() {
                quote!(::persistence::private::refer_optional)
            } else {
                quote!(::persistence::private::refer)
            };
            quote!(#position => #refer(&mut self.#field, to))
        });
    let doc = format!("A [`{name}`] to be inserted.");
    quote! {
        #[doc = #doc]
        #[derive(Clone, Debug)]
        #visibility struct #draft {
            #(#fields,)*
        }

        #[automatically_derived]
        impl ::persistence::Draft for #draft {
            type Entity = #name;

            #[allow(unused_variables)]
            fn build(
                self,
                now: ::persistence::private::chrono::NaiveDateTime,
                references: &mut dyn ::persistence::entity::ResolveReferences,
            ) -> ::core::result::Result<#name, ::persistence::Invalid> {
                #[allow(unused_mut)]
                let mut errors: ::std::vec::Vec<::persistence::FieldError> =
                    ::std::vec::Vec::new();
                #(#built)*
                match (#(#all,)*) {
                    (#(::core::option::Option::Some(#all),)*) => {
                        ::core::result::Result::Ok(#name { #(#all),* })
                    }
                    _ => ::core::result::Result::Err(::persistence::Invalid {
                        entity: <#name as ::persistence::Entity>::meta().name,
                        errors,
                    }),
                }
            }

            fn from_entity(entity: #name) -> Self {
                Self { #(#copied),* }
            }

            fn given(&self, column: usize) -> ::persistence::entity::Given {
                match column {
                    #(#givens,)*
                    _ => ::persistence::entity::Given::Filled,
                }
            }

            #[allow(unused_variables)]
            fn refer(
                &mut self,
                column: usize,
                to: ::core::option::Option<::persistence::entity::Slot>,
            ) -> bool {
                match column {
                    #(#refers,)*
                    _ => false,
                }
            }
        }
    }
}

/// Returns the SQL type that a column's values are sent as.
fn bound_as(sql_type: &TokenStream) -> TokenStream {
    quote!(<#sql_type as ::persistence::entity::BoundAs<__DB>>::SqlType)
}

/// Makes the code that reads and binds, for every backend that knows the column types.
fn mapping(entity: &EntityInput) -> TokenStream {
    let name = &entity.name;
    let bounds = entity.columns.iter().map(|column| {
        let (ty, sql_type) = (&column.ty, sql_type(entity, column));
        let bound = bound_as(&sql_type);
        quote! {
            #ty: ::persistence::private::diesel::deserialize::FromSql<#sql_type, __DB>
                + ::persistence::private::diesel::serialize::ToSql<#bound, __DB>,
            __DB: ::persistence::private::diesel::sql_types::HasSqlType<#sql_type>
                + ::persistence::private::diesel::sql_types::HasSqlType<#bound>
        }
    });
    let reads = entity.columns.iter().enumerate().map(|(position, column)| {
        let (field, ty, sql_type) = (&column.name, &column.ty, sql_type(entity, column));
        quote! {
            #field: ::persistence::private::read::<__DB, #sql_type, #ty>(row, #position, meta)?
        }
    });
    let binds = entity.columns.iter().enumerate().map(|(position, column)| {
        let (field, ty) = (&column.name, &column.ty);
        let bound = bound_as(&sql_type(entity, column));
        let name = column_name(entity, column);
        quote!(#position => {
            ::persistence::private::check_kept::<__DB, #ty>(&self.#field, #name)?;
            out.push_bind_param::<#bound, #ty>(&self.#field)
        })
    });
    quote! {
        #[automatically_derived]
        #[diagnostic::do_not_recommend]
        impl<__DB> ::persistence::entity::MappedTo<__DB> for #name
        where
            __DB: ::persistence::backend::Dialect,
            #(#bounds,)*
        {
            fn read<'a>(
                row: &impl ::persistence::private::diesel::row::Row<'a, __DB>,
            ) -> ::persistence::private::diesel::deserialize::Result<Self> {
                let meta = <Self as ::persistence::Entity>::meta();
                ::core::result::Result::Ok(Self { #(#reads),* })
            }

            fn bind<'b>(
                &'b self,
                column: usize,
                mut out: ::persistence::private::diesel::query_builder::AstPass<'_, 'b, __DB>,
            ) -> ::persistence::private::diesel::result::QueryResult<()> {
                match column {
                    #(#binds,)*
                    _ => ::core::result::Result::Ok(()),
                }
            }
        }
    }
}
